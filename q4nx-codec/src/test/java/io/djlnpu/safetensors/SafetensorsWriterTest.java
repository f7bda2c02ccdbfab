package io.djlnpu.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.djlnpu.safetensors.SafetensorsWriter.Declaration;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsWriterTest {

    private static final List<Declaration> TWO =
            List.of(
                    new Declaration("b/\"quoted\" ü", DataType.U8, 3),
                    new Declaration("a", DataType.F32, 2, 0, 5),
                    new Declaration("scalar", DataType.I16));

    @TempDir Path folder;

    @Test
    void whatIsWrittenIsRead() throws Exception {
        Path file = folder.resolve("file");
        try (SafetensorsWriter writer = new SafetensorsWriter(file, TWO)) {
            writer.write(ByteBuffer.wrap(new byte[] {1, 2}));
            writer.write(ByteBuffer.wrap(new byte[] {3, 4, 5}));
            writer.commit();
        }
        try (SafetensorsFile read = SafetensorsFile.open(file)) {
            assertThat(read.tensors().keySet()).containsExactly("a", "b/\"quoted\" ü", "scalar");
            assertThat(read.segment("b/\"quoted\" ü").toArray(ValueLayout.JAVA_BYTE))
                    .containsExactly(1, 2, 3);
            assertThat(read.segment("scalar").toArray(ValueLayout.JAVA_BYTE)).containsExactly(4, 5);
            assertThat(read.tensor("a").shape()).containsExactly(2L, 0L, 5L);
            assertThat(read.metadata()).isEmpty();
        }
        assertThat(folder.toFile().list()).containsExactly("file");
    }

    @Test
    void withoutACommitTheOldFileStays() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "old");
        try (SafetensorsWriter writer = new SafetensorsWriter(file, TWO)) {
            writer.write(ByteBuffer.wrap(new byte[5]));
        }
        assertThat(file).hasContent("old");
        assertThat(folder.toFile().list()).containsExactly("file");
    }

    @Test
    void tooFewOrTooManyBytesAreACallersMistake() throws Exception {
        for (int bytes : new int[] {4, 6}) {
            try (SafetensorsWriter writer = new SafetensorsWriter(folder.resolve("f"), TWO)) {
                writer.write(ByteBuffer.wrap(new byte[bytes]));
                assertThatThrownBy(writer::commit).isInstanceOf(IllegalStateException.class);
            }
            assertThat(folder).isEmptyDirectory();
        }
    }

    @Test
    void oneNameTwiceIsACallersMistake() {
        List<Declaration> twice = List.of(TWO.getFirst(), TWO.getFirst());
        assertThatThrownBy(() -> new SafetensorsWriter(folder.resolve("f"), twice))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(folder).isEmptyDirectory();
    }
}
