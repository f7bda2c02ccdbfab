package io.djlnpu.samples.command;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The small Gemma 3 that ships with the project, in the ONNX form in which onnxruntime-genai's
 * builder wrote it. Its list of checksums is its index and, hashed, the name of its folder in the
 * cache.
 */
final class ShippedModel {

    private static final String FOLDER = "/storyteller/";
    private static final String SUMS = FOLDER + "SHA256SUMS";

    private ShippedModel() {}

    /**
     * Unpacks the model, unless an earlier call has done so.
     *
     * @param cache folder to unpack into
     * @return a folder with {@code model.onnx}, its data and the tokenizer
     * @throws IOException if it cannot be written
     */
    static Path unpack(Path cache) throws IOException {
        byte[] sums = read(SUMS);
        Path folder = cache.resolve("storyteller-" + sha256(sums).substring(0, 16));
        for (Map.Entry<String, String> file : parse(sums).entrySet()) {
            Path target = folder.resolve(file.getKey());
            if (!Files.exists(target)) {
                write(read(FOLDER + file.getKey()), file.getValue(), target);
            }
        }
        return folder;
    }

    /** Writes beside the target and renames, so that no reader ever sees half a file. */
    private static void write(byte[] bytes, String expected, Path target) throws IOException {
        if (!sha256(bytes).equals(expected)) {
            throw new IOException(
                    "shipped model: '%s' has SHA-256 %s, expected %s; the jar is damaged, build it again"
                            .formatted(target.getFileName(), sha256(bytes), expected));
        }
        Files.createDirectories(target.getParent());
        Path temporary = Files.createTempFile(target.getParent(), ".unpack", null);
        try {
            Files.write(temporary, bytes);
            try {
                Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
            } catch (AtomicMoveNotSupportedException e) {
                Files.move(temporary, target, StandardCopyOption.REPLACE_EXISTING);
            }
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    private static Map<String, String> parse(byte[] sums) throws IOException {
        Map<String, String> files = new LinkedHashMap<>();
        try (BufferedReader lines =
                new BufferedReader(
                        new InputStreamReader(
                                new java.io.ByteArrayInputStream(sums), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String[] parts = line.split(" +", 2);
                files.put(parts[1], parts[0]);
            }
        }
        return files;
    }

    private static byte[] read(String resource) throws IOException {
        try (InputStream in = ShippedModel.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IOException(
                        "shipped model: resource '"
                                + resource
                                + "' is not on the class path; build the module samples again");
            }
            return in.readAllBytes();
        }
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
