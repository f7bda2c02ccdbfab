package io.djlnpu.bundle;

import com.google.gson.GsonBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** SHA-256 of every file of a bundle, kept in a file that FastFlowLM does not look at. */
public final class Checksums {

    /** The file beside the weights. */
    public static final String FILE = "checksums.json";

    private Checksums() {}

    static void write(Path folder) throws IOException {
        Map<String, String> sums = new TreeMap<>();
        try (Stream<Path> list = Files.list(folder)) {
            List<Path> files = list.filter(Files::isRegularFile).toList();
            for (Path file : files) {
                sums.put(file.getFileName().toString(), sha256(file));
            }
        }
        Files.writeString(
                folder.resolve(FILE),
                new GsonBuilder().setPrettyPrinting().create().toJson(Map.of("sha256", sums)));
    }

    /**
     * Hashes a file.
     *
     * @param file any file
     * @return lower-case hexadecimal SHA-256
     * @throws IOException if it cannot be read
     */
    public static String sha256(Path file) throws IOException {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
        byte[] buffer = new byte[1 << 20];
        try (InputStream in = Files.newInputStream(file)) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                digest.update(buffer, 0, read);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
