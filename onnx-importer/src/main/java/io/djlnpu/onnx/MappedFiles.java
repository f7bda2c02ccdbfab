package io.djlnpu.onnx;

import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Maps files of any size, and recognises what people have in place of a model file. */
final class MappedFiles {

    private static final byte[] LFS = "version https://git-lfs".getBytes(StandardCharsets.US_ASCII);

    private MappedFiles() {}

    static MemorySegment map(Path path, Arena arena) throws IOException {
        // a pipe would wait for its writer, a device has no end
        if (Files.exists(path) && !Files.isRegularFile(path)) {
            throw new ModelFormatException(
                    Code.MISSING_FILE, path + ": no regular file; check the path");
        }
        MemorySegment bytes;
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            bytes = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
        } catch (NoSuchFileException e) {
            throw new ModelFormatException(
                    Code.MISSING_FILE, path + ": no such file; check the path", e);
        }
        if (bytes.byteSize() >= LFS.length
                && MemorySegment.mismatch(
                                bytes, 0, LFS.length, MemorySegment.ofArray(LFS), 0, LFS.length)
                        == -1) {
            throw new ModelFormatException(
                    Code.MALFORMED,
                    path
                            + ": a Git LFS pointer of "
                            + bytes.byteSize()
                            + " bytes in place of the data; run 'git lfs pull', or download the"
                            + " file itself");
        }
        return bytes;
    }

    static String start(MemorySegment bytes, int length) {
        byte[] head =
                bytes.asSlice(0, Math.min(length, bytes.byteSize())).toArray(ValueLayout.JAVA_BYTE);
        return new String(head, StandardCharsets.ISO_8859_1);
    }
}
