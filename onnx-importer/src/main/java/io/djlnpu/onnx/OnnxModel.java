package io.djlnpu.onnx;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * An ONNX file, opened: its structure in memory, its weights still in the file.
 *
 * <p><b>Units</b>: opening costs time and memory in proportion to the number of nodes, not to the
 * size of the weights. <b>Errors</b>: every way in which a file can be wrong is a {@link
 * io.djlnpu.format.ModelFormatException}. The tensors may be read until the model is closed.
 */
public final class OnnxModel implements AutoCloseable {

    private final Path path;
    private final Arena arena;
    private final ExternalData external;
    private final ModelParser.Header header;

    private OnnxModel(Path path, Arena arena, ExternalData external, ModelParser.Header header) {
        this.path = path;
        this.arena = arena;
        this.external = external;
        this.header = header;
    }

    /**
     * Opens a file.
     *
     * @param path the {@code .onnx} file
     * @return the model, to be closed by the caller
     * @throws IOException if it is no readable ONNX file
     */
    public static OnnxModel open(Path path) throws IOException {
        Arena arena = Arena.ofShared();
        try {
            MemorySegment bytes = MappedFiles.map(path, arena);
            ExternalData external = new ExternalData(path, arena);
            String file = String.valueOf(path.getFileName());
            ModelParser.Header header = new ModelParser(file, bytes, external).parse();
            return new OnnxModel(path, arena, external, header);
        } catch (Throwable e) {
            arena.close();
            throw e;
        }
    }

    /**
     * Returns where the model came from.
     *
     * @return the path given to {@link #open}
     */
    public Path path() {
        return path;
    }

    /**
     * Returns the file's name, for messages.
     *
     * @return the name without folders
     */
    public String file() {
        return String.valueOf(path.getFileName());
    }

    /**
     * Returns the main graph.
     *
     * @return the graph
     */
    public OnnxGraph graph() {
        return header.graph();
    }

    /**
     * Returns who wrote the file.
     *
     * @return producer name and version, possibly empty
     */
    public String producer() {
        return header.producer();
    }

    /**
     * Returns the version of the file format.
     *
     * @return {@code ir_version}
     */
    public long irVersion() {
        return header.irVersion();
    }

    /**
     * Returns the operator sets.
     *
     * @return version by domain; ONNX's own domain is the empty string
     */
    public Map<String, Long> operatorSets() {
        return header.operatorSets();
    }

    /**
     * Returns the operators that the file itself defines as functions.
     *
     * @return {@code domain::name} each
     */
    public Set<String> functions() {
        return header.functions();
    }

    /**
     * Tells whether the file holds training information.
     *
     * @return true if {@code training_info} is present
     */
    public boolean isTrainingModel() {
        return header.training();
    }

    /**
     * Returns every data file that a constant of the model refers to, found and checked.
     *
     * @return paths with symbolic links resolved
     * @throws IOException if one is missing or outside the model's folder
     */
    public Collection<Path> dataFiles() throws IOException {
        for (Map.Entry<String, String> location : header.locations().entrySet()) {
            external.locate(location.getKey(), location.getValue());
        }
        return List.copyOf(external.paths().values());
    }

    /** Unmaps the files; tensors of this model must not be read any more. */
    @Override
    public void close() {
        arena.close();
    }
}
