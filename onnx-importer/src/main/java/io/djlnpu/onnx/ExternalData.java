package io.djlnpu.onnx;

import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The data files beside a model. Locations come from the model file and are not trusted: they must
 * name a regular file inside the model's folder, with every symbolic link resolved.
 */
final class ExternalData {

    private static final int MOST_FILES = 100_000;

    private final Path model;
    private final Arena arena;
    private final Map<String, MemorySegment> mapped = new LinkedHashMap<>();
    private final Map<String, Path> paths = new LinkedHashMap<>();

    ExternalData(Path model, Arena arena) {
        this.model = model;
        this.arena = arena;
    }

    /** Returns the data files that were looked up so far. */
    synchronized Map<String, Path> paths() {
        return new LinkedHashMap<>(paths);
    }

    synchronized MemorySegment slice(OnnxTensor tensor, String location, long offset, long length)
            throws IOException {
        MemorySegment data = mapped.get(location);
        if (data == null) {
            Path path = locate(location, tensor.where());
            data = MappedFiles.map(path, arena);
            mapped.put(location, data);
        }
        long wanted = length < 0 ? tensor.type().bytes(tensor.elements()) : length;
        if (offset > data.byteSize() || wanted > data.byteSize() - offset) {
            throw new ModelFormatException(
                    Code.TRUNCATED,
                    tensor.where()
                            + ": "
                            + wanted
                            + " bytes at offset "
                            + offset
                            + " of "
                            + location
                            + ", which has "
                            + data.byteSize()
                            + "; the data file is cut short or of another model, fetch it again");
        }
        return data.asSlice(offset, wanted);
    }

    /** Finds a data file, without opening it. */
    synchronized Path locate(String location, String where) throws IOException {
        Path known = paths.get(location);
        if (known != null) {
            return known;
        }
        if (paths.size() >= MOST_FILES) {
            throw new ModelFormatException(
                    Code.LIMIT_EXCEEDED, where + ": more than " + MOST_FILES + " data files");
        }
        Path folder = model.toAbsolutePath().getParent();
        Path path = resolve(folder, location, where);
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            throw new ModelFormatException(
                    Code.MISSING_FILE,
                    where
                            + ": data file '"
                            + location
                            + "' is not in "
                            + folder
                            + "; fetch it too, and keep its name");
        }
        Path real = real(path, location, where);
        if (!real.startsWith(folder.toRealPath()) && !sharesBlobStore(real, path)) {
            throw escape(where, location, "a symbolic link that leads to " + real);
        }
        if (!Files.isRegularFile(real)) {
            throw new ModelFormatException(
                    Code.MALFORMED, where + ": data file '" + location + "' is no regular file");
        }
        paths.put(location, real);
        return real;
    }

    private static Path real(Path path, String location, String where) throws IOException {
        try {
            return path.toRealPath();
        } catch (IOException e) {
            throw new ModelFormatException(
                    Code.MISSING_FILE,
                    where + ": data file '" + location + "' is a symbolic link to nothing",
                    e);
        }
    }

    /**
     * Hugging Face's cache keeps every file of a snapshot as a link to {@code ../../blobs}; the
     * model itself lies there as well, which is what tells this cache from an attack.
     */
    private boolean sharesBlobStore(Path real, Path link) throws IOException {
        Path realModel = model.toRealPath();
        return Files.isSymbolicLink(model)
                && Files.isSymbolicLink(link)
                && realModel.getParent().endsWith("blobs")
                && realModel.getParent().equals(real.getParent());
    }

    private static Path resolve(Path folder, String location, String where)
            throws ModelFormatException {
        if (location.isEmpty()
                || location.startsWith("/")
                || location.contains("\\")
                || location.contains("\0")
                || location.matches("^[A-Za-z]:.*")) {
            throw escape(where, location, "no plain relative path");
        }
        try {
            Path relative = Path.of(location);
            for (Path part : relative) {
                if (part.toString().equals("..")) {
                    throw escape(where, location, "a path that climbs out with '..'");
                }
            }
            Path path = folder.resolve(relative.normalize());
            if (!path.startsWith(folder) || path.equals(folder)) {
                throw escape(where, location, "not inside the model's folder");
            }
            return path;
        } catch (InvalidPathException e) {
            throw escape(where, location, "not a path");
        }
    }

    private static ModelFormatException escape(String where, String location, String reason) {
        return new ModelFormatException(
                Code.PATH_ESCAPE,
                where
                        + ": data file '"
                        + location.replaceAll("\\p{Cntrl}", "?")
                        + "' is "
                        + reason
                        + ", expected a file in the model's own folder; do not trust this model");
    }
}
