package io.djlnpu.format;

import static org.assertj.core.api.Assertions.assertThat;

import io.djlnpu.format.ModelFormatException.Code;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A code that a user may meet has a cause and a remedy in the documents. */
class TroubleshootingTest {

    @ParameterizedTest
    @EnumSource(Code.class)
    void everyCodeIsExplained(Code code) throws Exception {
        assertThat(Files.readString(Path.of("..", "docs", "troubleshooting.md")))
                .containsPattern("\\| `" + code + "` \\| \\S.+ \\| \\S.+ \\|");
    }
}
