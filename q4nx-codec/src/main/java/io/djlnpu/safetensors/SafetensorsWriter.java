package io.djlnpu.safetensors;

import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Writes a container whose tensors are all declared before the first byte of data.
 *
 * <p>Payloads are streamed in the declared order into a temporary file beside the target; {@link
 * #commit()} forces it to disk and renames it, so the target is either the old file or the whole
 * new one. Closing without a commit removes the temporary file. The header is padded with spaces to
 * a multiple of 8 bytes.
 */
public final class SafetensorsWriter implements AutoCloseable {

    private final Path target;
    private final Path temporary;
    private final List<TensorInfo> tensors;
    private final FileChannel channel;
    private final long dataStart;
    private long written;
    private boolean committed;

    private static final FileAttribute<?>[] NO_ATTRIBUTES = {};
    private static final FileAttribute<?>[] OWNERS = {
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
    };

    /**
     * A tensor to be written.
     *
     * @param name its name
     * @param dataType element type
     * @param shape extents, outermost first
     */
    public record Declaration(String name, DataType dataType, long... shape) {

        /**
         * Returns the size of the payload.
         *
         * @return bytes
         */
        public long byteLength() {
            return Arrays.stream(shape).reduce(dataType.bytes(), Math::multiplyExact);
        }
    }

    /**
     * Creates the temporary file and writes the header.
     *
     * @param target the file to be
     * @param declarations the tensors, in file order
     * @throws IOException if the folder cannot be written
     * @throws IllegalArgumentException if a name is declared twice
     */
    public SafetensorsWriter(Path target, List<Declaration> declarations) throws IOException {
        this(target, declarations, false);
    }

    /**
     * As the constructor, for a file that nobody but its owner may read (mode 600 where there are
     * modes).
     *
     * @param target the file to be
     * @param declarations the tensors, in file order
     * @return the writer
     * @throws IOException if the folder cannot be written
     */
    public static SafetensorsWriter ownersOnly(Path target, List<Declaration> declarations)
            throws IOException {
        return new SafetensorsWriter(target, declarations, true);
    }

    private SafetensorsWriter(Path target, List<Declaration> declarations, boolean ownersOnly)
            throws IOException {
        this.target = target.toAbsolutePath();
        byte[] header = header(declarations);
        dataStart = Long.BYTES + header.length;
        tensors = layOut(declarations, dataStart);
        // not createTempFile: its files are closed to everybody else, and stay so under the new
        // name
        String unique = Long.toHexString(ThreadLocalRandom.current().nextLong());
        temporary = this.target.resolveSibling("." + target.getFileName() + "." + unique + ".tmp");
        boolean modes = temporary.getFileSystem().supportedFileAttributeViews().contains("posix");
        channel =
                FileChannel.open(
                        temporary,
                        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                        ownersOnly && modes ? OWNERS : NO_ATTRIBUTES);
        ByteBuffer start = ByteBuffer.allocate((int) dataStart).order(ByteOrder.LITTLE_ENDIAN);
        start.putLong(header.length).put(header).flip();
        try {
            write(start);
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    private static List<TensorInfo> layOut(List<Declaration> declarations, long dataStart) {
        List<TensorInfo> placed = new ArrayList<>();
        Set<String> names = new HashSet<>();
        long offset = dataStart;
        for (Declaration tensor : declarations) {
            if (!names.add(tensor.name())) {
                throw new IllegalArgumentException("'" + tensor.name() + "' is declared twice");
            }
            List<Long> shape = Arrays.stream(tensor.shape()).boxed().toList();
            placed.add(
                    new TensorInfo(
                            tensor.name(), tensor.dataType(), shape, offset, tensor.byteLength()));
            offset = Math.addExact(offset, tensor.byteLength());
        }
        return placed;
    }

    private static byte[] header(List<Declaration> declarations) throws IOException {
        StringWriter text = new StringWriter();
        long offset = 0;
        try (JsonWriter json = new JsonWriter(text)) {
            json.setHtmlSafe(false);
            json.beginObject();
            for (Declaration tensor : declarations) {
                json.name(tensor.name()).beginObject();
                json.name("dtype").value(tensor.dataType().name());
                json.name("shape").beginArray();
                for (long extent : tensor.shape()) {
                    json.value(extent);
                }
                json.endArray();
                json.name("data_offsets").beginArray().value(offset);
                offset = Math.addExact(offset, tensor.byteLength());
                json.value(offset).endArray().endObject();
            }
            json.endObject();
        }
        byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
        byte[] padded = Arrays.copyOf(bytes, (bytes.length + 7) / 8 * 8);
        Arrays.fill(padded, bytes.length, padded.length, (byte) ' ');
        return padded;
    }

    /**
     * Appends bytes; tensors follow each other in the declared order.
     *
     * @param bytes the next bytes, consumed completely
     * @throws IOException if they cannot be written
     */
    public void write(ByteBuffer bytes) throws IOException {
        try {
            while (bytes.hasRemaining()) {
                written += channel.write(bytes);
            }
        } catch (IOException e) {
            throw new IOException(
                    "%s: %d of %d bytes written, then: %s; make room for it, or choose another place"
                            .formatted(target, written, expectedBytes(), e.getMessage()),
                    e);
        }
    }

    private long expectedBytes() {
        return tensors.isEmpty()
                ? dataStart
                : tensors.getLast().offset() + tensors.getLast().byteLength();
    }

    /**
     * Makes the file appear under its name.
     *
     * @throws IOException if it cannot be renamed
     * @throws IllegalStateException if fewer or more bytes were written than declared
     */
    public void commit() throws IOException {
        long expected = expectedBytes();
        if (written != expected) {
            throw new IllegalStateException(
                    target + ": " + written + " bytes written, " + expected + " declared");
        }
        channel.force(true);
        channel.close();
        Files.move(
                temporary,
                target,
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
        committed = true;
    }

    /** Removes the temporary file unless the writer was committed. */
    @Override
    public void close() throws IOException {
        channel.close();
        if (!committed) {
            Files.deleteIfExists(temporary);
        }
    }
}
