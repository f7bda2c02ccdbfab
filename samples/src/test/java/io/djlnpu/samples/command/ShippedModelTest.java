package io.djlnpu.samples.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShippedModelTest {

    @TempDir Path cache;

    @Test
    void unpacksOnceAndCompletely() throws IOException {
        Path folder = ShippedModel.unpack(cache);
        assertThat(folder.resolve("model.onnx")).isNotEmptyFile();
        assertThat(folder.resolve("tokenizer.json")).isNotEmptyFile();
        FileTime written = FileTime.fromMillis(1_000_000);
        Files.setLastModifiedTime(folder.resolve("model.onnx"), written);

        assertThat(ShippedModel.unpack(cache)).isEqualTo(folder);
        assertThat(Files.getLastModifiedTime(folder.resolve("model.onnx"))).isEqualTo(written);
    }

    @Test
    void restoresAFileThatIsGone() throws IOException {
        Path folder = ShippedModel.unpack(cache);
        Files.delete(folder.resolve("model.onnx.data"));
        ShippedModel.unpack(cache);
        assertThat(folder.resolve("model.onnx.data")).isNotEmptyFile();
    }

    @Test
    void leavesNothingTemporary() throws IOException {
        Path folder = ShippedModel.unpack(cache);
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).noneMatch(file -> file.getFileName().toString().startsWith("."));
        }
    }
}
