package io.djlnpu.convert;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContentHashTest {

    @TempDir Path folder;

    @Test
    void aFileIsReadAgainOnlyWhenItWasWritten() throws IOException {
        Path file = Files.writeString(folder.resolve("a"), "one");
        FileTime written = Files.getLastModifiedTime(file);
        String first = ContentHash.of("", List.of(file));
        assertThat(ContentHash.of("salt", List.of(file))).isNotEqualTo(first);
        Files.writeString(file, "two");
        Files.setLastModifiedTime(file, FileTime.fromMillis(written.toMillis() + 1000));
        assertThat(ContentHash.of("", List.of(file))).isNotEqualTo(first);
        Files.setLastModifiedTime(file, written);
        assertThat(ContentHash.of("", List.of(file))).as("known, not read").isEqualTo(first);
        Files.writeString(file, "three");
        Files.setLastModifiedTime(file, written);
        assertThat(ContentHash.of("", List.of(file))).as("another length").isNotEqualTo(first);
    }
}
