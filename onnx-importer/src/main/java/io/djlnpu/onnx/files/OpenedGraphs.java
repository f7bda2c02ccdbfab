package io.djlnpu.onnx.files;

import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import io.djlnpu.onnx.files.GraphFile.Part;
import io.djlnpu.onnx.report.ImportReport.ChosenFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The graphs of a folder, of which some are needed. A file that cannot be opened is in nobody's way
 * as long as there is another for its part.
 */
public final class OpenedGraphs implements AutoCloseable {

    private final List<GraphFile> opened = new ArrayList<>();
    private final Map<Path, IOException> failed = new LinkedHashMap<>();
    private final List<ChosenFile> chosen = new ArrayList<>();
    private final List<String> warnings;

    public OpenedGraphs(List<String> warnings) {
        this.warnings = warnings;
    }

    /** Opens a graph that is needed. */
    public GraphFile open(Path path) throws IOException {
        GraphFile file = new GraphFile(path);
        opened.add(file);
        return file;
    }

    /** Opens a graph that may be needed. */
    public void tryOpen(Path path) {
        try {
            open(path);
        } catch (IOException e) {
            failed.put(path, e);
        }
    }

    /** Opened graphs, chosen or not. */
    public List<GraphFile> all() {
        return opened;
    }

    /** The graphs that were chosen, in this order, with the reasons. */
    public List<ChosenFile> chosen() {
        return chosen;
    }

    public void choose(GraphFile file, String reason) {
        chosen.add(new ChosenFile(file.path(), name(file.part()), reason));
    }

    /** Takes back a choice. */
    public void leaveOut(GraphFile file) {
        chosen.removeIf(other -> other.path().equals(file.path()));
    }

    /** The graph that was chosen for a part, or null. */
    public GraphFile chosen(Part part) {
        return opened.stream()
                .filter(file -> file.part() == part)
                .filter(file -> chosen.stream().anyMatch(c -> c.path().equals(file.path())))
                .findFirst()
                .orElse(null);
    }

    /** Chooses the best graph for a part whose data is there, or returns null if there is none. */
    public GraphFile pick(Part part) {
        List<GraphFile> candidates =
                opened.stream()
                        .filter(file -> file.part() == part)
                        .sorted(GraphFile.BEST_FIRST)
                        .toList();
        if (candidates.isEmpty()) {
            return null;
        }
        List<GraphFile> whole = candidates.stream().filter(f -> missingData(f) == null).toList();
        // where all lack data the error belongs to the best, which says what to fetch
        GraphFile best = whole.isEmpty() ? candidates.get(0) : whole.get(0);
        for (GraphFile better : candidates.subList(0, candidates.indexOf(best))) {
            warnings.add(
                    "left out: " + missingData(better) + "; " + best.model().file() + " is taken");
        }
        choose(best, reason(best, whole.isEmpty() ? candidates : whole));
        return best;
    }

    private static String reason(GraphFile best, List<GraphFile> candidates) {
        if (candidates.size() == 1) {
            return "the only one";
        }
        boolean alone = candidates.get(1).bits() < best.bits();
        return best.bits()
                + (alone ? " bits, the most precise of " : " bits, as precise as any of ")
                + candidates.size();
    }

    private static String missingData(GraphFile file) {
        try {
            file.model().dataFiles();
            return null;
        } catch (IOException e) {
            return e.getMessage();
        }
    }

    /** Says what could not be opened, in case that it was wanted. */
    public void reportFailed() {
        failed.forEach((path, why) -> warnings.add("left out: " + described(path, why)));
    }

    /** The error for a part that no graph is there for: what could not be opened may be it. */
    public ModelFormatException missing(String message) {
        if (failed.isEmpty()) {
            return new ModelFormatException(Code.MISSING_FILE, message);
        }
        List<String> reasons = new ArrayList<>();
        failed.forEach((path, why) -> reasons.add(described(path, why)));
        IOException first = failed.values().iterator().next();
        Code code = first instanceof ModelFormatException e ? e.code() : Code.MISSING_FILE;
        return new ModelFormatException(
                code,
                message
                        + "; of the files there, some cannot be opened:\n  - "
                        + String.join("\n  - ", reasons),
                first);
    }

    private static String described(Path path, IOException why) {
        String message = String.valueOf(why.getMessage());
        String name = String.valueOf(path.getFileName());
        return message.contains(name) ? message : name + ": " + message;
    }

    private static String name(Part part) {
        return part.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public void close() {
        opened.forEach(GraphFile::close);
    }
}
