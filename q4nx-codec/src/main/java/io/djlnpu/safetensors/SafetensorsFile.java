package io.djlnpu.safetensors;

import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.SortedMap;

/**
 * A safetensors file, mapped into memory.
 *
 * <p>{@link #open} checks everything: the header's length and JSON, each tensor's type, shape and
 * range, and that the ranges cover the data without gap or overlap. Segments stay valid until
 * {@link #close()}.
 *
 * <p><b>Errors</b>: {@link ModelFormatException} for any file that is not a well-formed container.
 */
public final class SafetensorsFile implements AutoCloseable {

    private static final ValueLayout.OfLong HEADER_LENGTH =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final Path path;
    private final Arena arena;
    private final MemorySegment data;
    private final SafetensorsHeader header;

    private SafetensorsFile(Path path, Arena arena, MemorySegment data, SafetensorsHeader header) {
        this.path = path;
        this.arena = arena;
        this.data = data;
        this.header = header;
    }

    /**
     * Opens and checks a file.
     *
     * @param path the file
     * @return the open file
     * @throws IOException if it cannot be read, or is not a well-formed container
     */
    public static SafetensorsFile open(Path path) throws IOException {
        // a pipe would be waited for, a folder cannot be mapped
        if (!Files.isRegularFile(path)) {
            throw new ModelFormatException(Code.MISSING_FILE, path + ": no such file");
        }
        Arena arena = Arena.ofShared();
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            long size = channel.size();
            if (size < Long.BYTES) {
                throw new ModelFormatException(
                        Code.TRUNCATED,
                        path
                                + ": "
                                + size
                                + " bytes, too short for a safetensors file; download or convert it again");
            }
            MemorySegment data = channel.map(FileChannel.MapMode.READ_ONLY, 0, size, arena);
            SafetensorsHeader header =
                    SafetensorsHeader.parse(path, data, data.get(HEADER_LENGTH, 0));
            return new SafetensorsFile(path, arena, data, header);
        } catch (IOException | RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    /**
     * Returns where the file lies.
     *
     * @return the path
     */
    public Path path() {
        return path;
    }

    /**
     * Returns all tensors by name.
     *
     * @return an unmodifiable map in bytewise order of the names
     */
    public SortedMap<String, TensorInfo> tensors() {
        return header.tensors();
    }

    /**
     * Returns the free-form strings of the header.
     *
     * @return the metadata, empty if there is none
     */
    public Map<String, String> metadata() {
        return header.metadata();
    }

    /**
     * Returns a tensor's description.
     *
     * @param name its name
     * @return the description
     * @throws ModelFormatException if the file has no such tensor
     */
    public TensorInfo tensor(String name) throws ModelFormatException {
        TensorInfo info = tensors().get(name);
        if (info == null) {
            throw new ModelFormatException(
                    Code.MISSING_TENSOR,
                    path + ": no tensor '" + name + "'; the file is incomplete, convert it again");
        }
        return info;
    }

    /**
     * Returns a tensor's bytes, mapped, read-only.
     *
     * @param name its name
     * @return the bytes
     * @throws ModelFormatException if the file has no such tensor
     */
    public MemorySegment segment(String name) throws ModelFormatException {
        TensorInfo info = tensor(name);
        return data.asSlice(info.offset(), info.byteLength());
    }

    /**
     * Returns the size of the file.
     *
     * @return bytes
     */
    public long bytes() {
        return data.byteSize();
    }

    /** Unmaps the file; its segments become unusable. */
    @Override
    public void close() {
        arena.close();
    }
}
