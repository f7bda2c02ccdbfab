package io.djlnpu.bundle;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.djlnpu.bundle.Verifier.Problem;
import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
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
     * Hashes every file that a bundle's list names. A bundle without a list has nothing to compare.
     *
     * @param folder the bundle folder
     * @return the problems; none if all files are as they were written
     * @throws IOException if the list is malformed or a file cannot be read
     */
    static List<Problem> verify(Path folder) throws IOException {
        Path list = folder.resolve(FILE);
        if (!Files.exists(list)) {
            return List.of();
        }
        List<Problem> problems = new ArrayList<>();
        for (Map.Entry<String, String> entry : read(list).entrySet()) {
            Path file = folder.resolve(entry.getKey());
            if (!Files.isRegularFile(file)) {
                problems.add(
                        new Problem(
                                Code.MISSING_FILE,
                                file + ": listed in " + FILE + ", but not there; copy it again"));
            } else if (!sha256(file).equals(entry.getValue())) {
                problems.add(
                        new Problem(
                                Code.CHECKSUM,
                                file
                                        + ": SHA-256 differs from "
                                        + FILE
                                        + "; the file was changed or damaged, copy it again"));
            }
        }
        return problems;
    }

    /**
     * Compares a bundle that a converter wrote with its list, file by file, the names included:
     * what was added since is a fault as well.
     *
     * @param folder the bundle folder
     * @return what differs; none if the bundle is as it was written
     * @throws IOException if there is no list, it is malformed or a file cannot be read
     */
    public static List<String> faults(Path folder) throws IOException {
        List<String> faults =
                new ArrayList<>(verify(folder).stream().map(Problem::message).toList());
        Map<String, String> listed = read(folder.resolve(FILE));
        try (Stream<Path> files = Files.list(folder)) {
            files.map(file -> file.getFileName().toString())
                    .filter(name -> !name.equals(FILE) && !listed.containsKey(name))
                    .map(name -> folder.resolve(name) + ": not listed in " + FILE)
                    .forEach(faults::add);
        }
        return faults;
    }

    private static Map<String, String> read(Path list) throws IOException {
        Map<String, String> sums = new TreeMap<>();
        JsonObject json = JsonFiles.read(list);
        if (!json.has("sha256") || !json.get("sha256").isJsonObject()) {
            throw new ModelFormatException(
                    Code.MALFORMED,
                    list + ": no object 'sha256'; delete the file, or copy it again");
        }
        for (Map.Entry<String, JsonElement> entry : json.getAsJsonObject("sha256").entrySet()) {
            String name = entry.getKey();
            if (name.isEmpty()
                    || name.equals("..")
                    || name.equals(".")
                    || name.matches(".*[/\\\\\0].*")) {
                throw new ModelFormatException(
                        Code.PATH_ESCAPE,
                        list + ": '" + name + "' is no plain file name; the list is not ours");
            }
            if (!entry.getValue().isJsonPrimitive()) {
                throw new ModelFormatException(
                        Code.MALFORMED,
                        list + ": '" + name + "' has no SHA-256 but something else");
            }
            sums.put(name, entry.getValue().getAsString());
        }
        return sums;
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
