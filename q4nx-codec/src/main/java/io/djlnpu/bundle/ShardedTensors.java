package io.djlnpu.bundle;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import io.djlnpu.safetensors.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The tensors of a checkpoint, in one {@code model.safetensors} or in the parts of an index. */
final class ShardedTensors implements AutoCloseable {

    private static final String SINGLE = "model.safetensors";
    private static final String INDEX = "model.safetensors.index.json";
    private static final int MOST_FILES = 1024;

    private final List<SafetensorsFile> files = new ArrayList<>();
    private final Map<String, SafetensorsFile> byName = new LinkedHashMap<>();

    private ShardedTensors() {}

    static boolean in(Path folder) {
        return Files.isRegularFile(folder.resolve(SINGLE))
                || Files.isRegularFile(folder.resolve(INDEX));
    }

    static ShardedTensors open(Path folder) throws IOException {
        ShardedTensors tensors = new ShardedTensors();
        try {
            Path index = folder.resolve(INDEX);
            Set<String> parts =
                    Files.isRegularFile(index) ? parts(index) : new TreeSet<>(Set.of(SINGLE));
            for (String part : parts) {
                tensors.add(SafetensorsFile.open(folder.resolve(part)));
            }
            return tensors;
        } catch (IOException | RuntimeException e) {
            tensors.close();
            throw e;
        }
    }

    private static Set<String> parts(Path index) throws IOException {
        JsonElement map = JsonFiles.read(index, 64 << 20).get("weight_map");
        if (map == null || !map.isJsonObject()) {
            throw new ModelFormatException(Code.MALFORMED, index + ": no 'weight_map'");
        }
        JsonObject entries = map.getAsJsonObject();
        Set<String> parts = new TreeSet<>();
        for (String name : entries.keySet()) {
            JsonElement part = entries.get(name);
            boolean plain =
                    part.isJsonPrimitive() && part.getAsString().matches("[\\w.-]+\\.safetensors");
            if (!plain) {
                throw new ModelFormatException(
                        Code.MALFORMED,
                        "%s: '%s' lies in %s, expected the name of a file beside it"
                                .formatted(index, name, part));
            }
            parts.add(part.getAsString());
        }
        if (parts.isEmpty() || parts.size() > MOST_FILES) {
            throw new ModelFormatException(
                    Code.LIMIT_EXCEEDED, index + ": " + parts.size() + " files");
        }
        return parts;
    }

    private void add(SafetensorsFile file) throws ModelFormatException {
        files.add(file);
        for (String name : file.tensors().keySet()) {
            if (byName.put(name, file) != null) {
                throw new ModelFormatException(
                        Code.OVERLAP, file.path() + ": '" + name + "' is in another part as well");
            }
        }
    }

    Set<String> names() {
        return byName.keySet();
    }

    SafetensorsFile fileOf(String name) {
        return byName.get(name);
    }

    List<Path> paths() {
        return files.stream().map(SafetensorsFile::path).toList();
    }

    @Override
    public void close() {
        files.forEach(SafetensorsFile::close);
    }
}
