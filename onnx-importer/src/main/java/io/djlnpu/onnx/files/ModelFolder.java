package io.djlnpu.onnx.files;

import io.djlnpu.bundle.CompanionFiles;
import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** The files of a model as people lay them out: graphs in the folder or in {@code onnx/} below. */
public final class ModelFolder {

    private static final int MOST_GRAPHS = 200;
    private static final List<String> SUBFOLDERS =
            List.of("onnx", "decoder", "embedding", "vision_encoder");
    private final Path folder;
    private final Path chosen;

    private ModelFolder(Path folder, Path chosen) {
        this.folder = folder;
        this.chosen = chosen;
    }

    public static ModelFolder of(Path path) throws IOException {
        if (Files.isDirectory(path)) {
            return new ModelFolder(path, null);
        }
        if (Files.isRegularFile(path)) {
            return new ModelFolder(path.toAbsolutePath().getParent(), path);
        }
        throw new ModelFormatException(
                Code.MISSING_FILE, path + ": no such file or folder; check the path");
    }

    public static boolean holdsGraphs(Path path) {
        try {
            if (Files.isRegularFile(path)) {
                return isGraph(path);
            }
            return Files.isDirectory(path) && !new ModelFolder(path, null).graphs().isEmpty();
        } catch (IOException e) {
            return false;
        }
    }

    /** The graph that the caller named, if it was not a folder. */
    public Optional<Path> chosen() {
        return Optional.ofNullable(chosen);
    }

    /** Every graph, in the order of names. */
    public List<Path> graphs() throws IOException {
        Set<Path> found = new LinkedHashSet<>(list(folder));
        for (String name : SUBFOLDERS) {
            Path below = folder.resolve(name);
            if (Files.isDirectory(below)) {
                found.addAll(list(below));
            }
        }
        if (found.size() > MOST_GRAPHS) {
            throw new ModelFormatException(
                    Code.LIMIT_EXCEEDED,
                    folder + ": " + found.size() + " .onnx files; name the one to import");
        }
        return new ArrayList<>(found);
    }

    /** A file beside the graphs or, if these lie in {@code onnx/}, one folder up. */
    public Optional<Path> find(String name) {
        for (Path place : places()) {
            Path file = place.resolve(name);
            if (Files.isRegularFile(file)) {
                return Optional.of(file);
            }
        }
        return Optional.empty();
    }

    public Map<String, Path> companions() {
        return CompanionFiles.in(places());
    }

    /** Where files beside the graphs are looked for. */
    public List<Path> places() {
        Path absolute = folder.toAbsolutePath();
        boolean below = absolute.getParent() != null && isSubfolder(absolute);
        return below ? List.of(folder, absolute.getParent()) : List.of(folder);
    }

    private static boolean isSubfolder(Path folder) {
        return folder.getFileName() != null && SUBFOLDERS.contains(folder.getFileName().toString());
    }

    private static List<Path> list(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(ModelFolder::isGraph).sorted().toList();
        }
    }

    private static boolean isGraph(Path file) {
        return file.getFileName().toString().endsWith(".onnx") && Files.isRegularFile(file);
    }
}
