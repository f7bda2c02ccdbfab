package io.djlnpu.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NpuRepositoryFactoryTest {

    @TempDir Path folder;

    private static void open(String uri) {
        assertThat(new NpuRepositoryFactory().newInstance("model", URI.create(uri))).isNotNull();
    }

    @Test
    void aUrlNamesAPathThatExists() {
        open("npu://" + folder.toUri().getRawPath());
        open("npu:" + folder + "?maxNewTokens=3");
        assertThatThrownBy(() -> open("npu:///no/such/model"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("/no/such/model");
        assertThatThrownBy(() -> open("npu:nowhere"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no such file or folder");
    }

    @Test
    void aPathIsNotTakenForAMachine() {
        assertThatThrownBy(() -> open("npu://models/gemma3"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("npu:///models/gemma3");
    }
}
