package io.djlnpu.convert;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.LongStream;

/**
 * A hash over the names, lengths and whole contents of files: SHA-256 over that of each file, which
 * is over the SHA-256 of each 8 MiB chunk, so that all cores share a large file. This JVM reads a
 * file once.
 */
public final class ContentHash {

    private static final int CHUNK_BYTES = 8 << 20;

    private static final Map<Version, byte[]> KNOWN = new ConcurrentHashMap<>();

    /** What changes when a file is written or replaced. */
    private record Version(Path file, Object inode, long length, FileTime written) {

        static Version of(Path file) throws IOException {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return new Version(
                    file.toAbsolutePath().normalize(),
                    attributes.fileKey(),
                    attributes.size(),
                    attributes.lastModifiedTime());
        }
    }

    private ContentHash() {}

    /**
     * Hashes files.
     *
     * @param salt what else the result depends on, such as the format's version
     * @param files the files, in an order that only depends on their names
     * @return 64 hexadecimal digits
     * @throws IOException if a file cannot be read
     */
    public static String of(String salt, List<Path> files) throws IOException {
        MessageDigest digest = sha256();
        digest.update(salt.getBytes(StandardCharsets.UTF_8));
        for (Path file : files) {
            long length = Files.size(file);
            digest.update(
                    ("\n" + file.getFileName() + " " + length + "\n")
                            .getBytes(StandardCharsets.UTF_8));
            digest.update(ofFile(file));
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** A file's own hash; one that has been hashed and not been written since is not read again. */
    private static byte[] ofFile(Path file) throws IOException {
        Version version = Version.of(file);
        byte[] known = KNOWN.get(version);
        if (known == null) {
            MessageDigest digest = sha256();
            chunks(file, version.length).forEach(digest::update);
            known = digest.digest();
            if (version.equals(Version.of(file))) {
                KNOWN.put(version, known);
            }
        }
        return known;
    }

    private static List<byte[]> chunks(Path file, long length) throws IOException {
        long count = (length + CHUNK_BYTES - 1) / CHUNK_BYTES;
        try (FileChannel channel = FileChannel.open(file)) {
            return LongStream.range(0, count)
                    .parallel()
                    .mapToObj(chunk -> hash(channel, chunk * CHUNK_BYTES, length))
                    .toList();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static byte[] hash(FileChannel channel, long start, long length) {
        MessageDigest digest = sha256();
        ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 20);
        long end = Math.min(start + CHUNK_BYTES, length);
        try {
            for (long at = start; at < end; ) {
                buffer.clear().limit((int) Math.min(buffer.capacity(), end - at));
                int read = channel.read(buffer, at);
                if (read < 0) {
                    break; // shortened meanwhile; the hash differs, and the importer will say why
                }
                at += read;
                digest.update(buffer.flip());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return digest.digest();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }
}
