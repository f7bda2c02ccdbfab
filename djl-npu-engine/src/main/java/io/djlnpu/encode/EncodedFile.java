package io.djlnpu.encode;

import io.djlnpu.bundle.ModelBundle;
import io.djlnpu.q4nx.Q4nxFormat;
import io.djlnpu.safetensors.SafetensorsFile;
import io.djlnpu.safetensors.TensorInfo;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A bundle's weights while they are encoded: matrices are replaced in the file, one after the
 * other, and a list beside it says which are done. The list is written after the matrix is on the
 * disk, so whoever is killed goes on where the list ends.
 */
final class EncodedFile implements AutoCloseable {

    /** Names what the matrices were encoded by, and then those that are done. */
    private static final String LIST = "encoded.txt";

    private final Path folder;
    private final SafetensorsFile layout;
    private final FileChannel channel;
    private final Arena arena = Arena.ofShared();
    private final Set<String> done;

    private EncodedFile(Path folder, Set<String> done) throws IOException {
        this.folder = folder;
        this.done = done;
        Path file = folder.resolve(ModelBundle.WEIGHTS_FILE);
        layout = SafetensorsFile.open(file);
        channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
        if (!lock()) {
            close();
            throw new IOException(
                    folder + ": another conversion works in this folder; wait until it has ended");
        }
    }

    /** Held until the file is closed, and let go by the system if the process is killed. */
    private boolean lock() throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    /** Starts, or goes on if the folder was begun with the same key. */
    static EncodedFile open(Path folder, String key) throws IOException {
        Path list = folder.resolve(LIST);
        if (!isOf(folder, key)) {
            Files.writeString(list, key + "\n");
        }
        List<String> lines = Files.readAllLines(list);
        return new EncodedFile(folder, new HashSet<>(lines.subList(1, lines.size())));
    }

    /** Tells whether a folder was begun with a key. */
    static boolean isOf(Path folder, String key) throws IOException {
        Path list = folder.resolve(LIST);
        return ModelBundle.isBundle(folder)
                && Files.isRegularFile(list)
                && Files.readString(list).startsWith(key + "\n");
    }

    boolean isDone(String matrix) {
        return done.contains(matrix);
    }

    /** The blocks of 32 rows from a row on, to be written to. */
    MemorySegment strips(String matrix) throws IOException {
        TensorInfo info = layout.tensor(matrix);
        return channel.map(FileChannel.MapMode.READ_WRITE, info.offset(), info.byteLength(), arena);
    }

    static void write(MemorySegment strips, int firstRow, int columns, byte[] blocks) {
        long bytes = Q4nxFormat.byteLength(Q4nxFormat.BLOCK_ROWS, columns);
        MemorySegment.copy(
                blocks,
                0,
                strips,
                ValueLayout.JAVA_BYTE,
                firstRow / Q4nxFormat.BLOCK_ROWS * bytes,
                (int) bytes);
    }

    void finish(String matrix, MemorySegment strips) throws IOException {
        strips.force();
        Files.writeString(
                folder.resolve(LIST),
                matrix + "\n",
                StandardCharsets.UTF_8,
                StandardOpenOption.APPEND);
        done.add(matrix);
    }

    @Override
    public void close() throws IOException {
        arena.close();
        channel.close();
        layout.close();
    }
}
