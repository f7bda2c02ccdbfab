package io.djlnpu.bundle;

import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Keeps one target to one conversion at a time, among the threads of this process and among
 * processes, by a locked file {@code .NAME.lock} beside the target. It is removed at the end: a
 * file that is there before says that a conversion was ended by force, and that what lies beside it
 * is its leftovers.
 */
final class ConversionLock {

    private static final byte[] TEXT =
            "A conversion of the engine NPU runs here, or was ended by force.\n"
                    .getBytes(StandardCharsets.UTF_8);
    private static final int MOST_TRIES = 100;

    /** Locks of files belong to the process, and are lost when another thread closes the file. */
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path file;
    private final FileChannel channel;
    private final boolean afterAnother;

    private ConversionLock(Path file, FileChannel channel, boolean afterAnother) {
        this.file = file;
        this.channel = channel;
        this.afterAnother = afterAnother;
    }

    /**
     * Takes a target, whose parent must exist.
     *
     * @param target the folder to be, absolute
     * @return the lock, to be released when the target is finished
     * @throws IOException if another conversion holds it, or the file cannot be written
     */
    static ConversionLock on(Path target) throws IOException {
        Path file = target.resolveSibling("." + target.getFileName() + ".lock");
        if (!HELD.add(file)) {
            throw running(target);
        }
        try {
            return claimed(target, file, locked(target, file));
        } catch (IOException | RuntimeException e) {
            HELD.remove(file);
            throw e;
        }
    }

    private static FileChannel locked(Path target, Path file) throws IOException {
        for (int i = 0; i < MOST_TRIES; i++) {
            try {
                Files.createFile(file);
            } catch (FileAlreadyExistsException e) {
                // somebody's, running or not
            }
            FileChannel channel = null;
            try {
                Object before = key(file);
                channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
                if (channel.tryLock() == null) {
                    channel.close();
                    throw running(target);
                }
                // who ended just now removed its file: what is locked must be what others find
                if (Objects.equals(before, key(file))) {
                    return channel;
                }
                channel.close();
            } catch (NoSuchFileException e) {
                if (channel != null) {
                    channel.close();
                }
            }
        }
        throw running(target);
    }

    private static Object key(Path file) throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
    }

    private static ConversionLock claimed(Path target, Path file, FileChannel channel)
            throws IOException {
        try {
            ByteBuffer found = ByteBuffer.allocate(TEXT.length + 1);
            channel.read(found, 0);
            byte[] bytes = Arrays.copyOf(found.array(), found.position());
            if (bytes.length > 0 && !Arrays.equals(bytes, TEXT)) {
                throw new ModelFormatException(
                        Code.TARGET_EXISTS,
                        file
                                + " is in the way and was not made by a conversion; move it, or"
                                + " choose another target than "
                                + target);
            }
            if (bytes.length == 0) {
                write(file, channel);
            }
            return new ConversionLock(file, channel, bytes.length > 0);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static void write(Path file, FileChannel channel) throws IOException {
        try {
            channel.write(ByteBuffer.wrap(TEXT), 0);
        } catch (IOException e) {
            Files.deleteIfExists(file);
            throw e;
        }
    }

    private static ModelFormatException running(Path target) {
        return new ModelFormatException(
                Code.TARGET_EXISTS,
                "another conversion to "
                        + target
                        + " is running; wait for it, or choose another target");
    }

    /** Whether a conversion to the same target was ended before it could clear up. */
    boolean afterAnother() {
        return afterAnother;
    }

    /** Lets others in, and leaves the file only where there is something left to clear up. */
    void release(boolean cleared) throws IOException {
        try (channel) {
            if (cleared) {
                Files.deleteIfExists(file);
            }
        } finally {
            HELD.remove(file);
        }
    }
}
