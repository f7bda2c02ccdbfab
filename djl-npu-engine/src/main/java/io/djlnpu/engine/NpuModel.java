package io.djlnpu.engine;

import ai.djl.BaseModel;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Block;
import io.djlnpu.bundle.ModelBundle;
import io.djlnpu.format.ModelFormatException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A Gemma 3 on the NPU engine.
 *
 * <p>{@link #load} takes a bundle folder, the ONNX folder that an app already used with another
 * engine, or one {@code .onnx} file; ONNX is converted once into DJL's cache. Options (or arguments
 * of {@code Criteria}): {@code numerics} (bf16, float32), {@code threads}, {@code maxContext},
 * {@code prefillChunk}, {@code weights}; {@code warmUp}, which lets the first model of a JVM load
 * for some three seconds longer, so that its first answer starts at once; {@code
 * promptCacheMegabytes} of earlier prompts are kept, in {@code promptCacheFile} over restarts.
 *
 * <p>Closing waits for the passes that run and may happen at any time; what is asked afterwards
 * fails with {@link IllegalStateException}.
 */
public final class NpuModel extends BaseModel {

    NpuModel(String name, NDManager manager) {
        super(name);
        this.manager = manager;
        manager.setName("npuModel");
        dataType = DataType.FLOAT32;
    }

    @Override
    public void load(Path modelPath, String prefix, Map<String, ?> options)
            throws IOException, MalformedModelException {
        if (block != null) {
            throw new UnsupportedOperationException(
                    "the NPU engine brings its own block; leave out optBlock, and load once");
        }
        if (Files.notExists(modelPath)) {
            throw new FileNotFoundException("no such model: " + modelPath.toAbsolutePath());
        }
        Path path = modelPath.toAbsolutePath();
        setModelDir(Files.isDirectory(path) ? path : path.getParent());
        Path source = Files.isDirectory(path) ? source(path, prefix) : path;
        try {
            FolderSettings folder = new FolderSettings(modelDir);
            LoadOptions loadOptions =
                    new LoadOptions(
                            folder.callersOptions(options),
                            folder.callersOptions(folder.arguments(properties)));
            boolean warmUp = loadOptions.warmUp();
            NpuRuntime runtime =
                    NpuRuntime.load(source, loadOptions.read(), loadOptions.keptPrompts(), this);
            manager.attachInternal(
                    "npuRuntime", runtime); // closed with the model, whatever follows
            if (warmUp) {
                runtime.model().warmUp();
            }
            block = new NpuSymbolBlock(runtime);
            wasLoaded = true;
        } catch (ModelFormatException e) {
            throw new MalformedModelException(e.getMessage(), e);
        }
    }

    /** A folder may hold several graphs; the model's name can say which. */
    private Path source(Path path, String prefix) throws IOException {
        if (ModelBundle.isBundle(modelDir)) {
            return modelDir;
        }
        String name = prefix == null ? modelName : prefix;
        List<Path> graphs = graphs();
        for (Path graph : graphs) {
            String file = graph.getFileName().toString();
            if (file.equals(name) || file.equals(name + ".onnx")) {
                return graph;
            }
        }
        boolean ofFolder = path.endsWith(name) || modelDir.endsWith(name);
        if (ofFolder || graphs.size() < 2) {
            return modelDir;
        }
        throw new FileNotFoundException(
                "%s: no graph '%s', there are %s; name one of them, or leave the model's name out"
                        .formatted(
                                modelDir,
                                name,
                                graphs.stream().map(modelDir::relativize).toList()));
    }

    /** Beside each other, or in {@code onnx/} as Hugging Face has them. */
    private List<Path> graphs() throws IOException {
        List<Path> graphs = new ArrayList<>();
        for (Path folder : List.of(modelDir, modelDir.resolve("onnx"))) {
            if (Files.isDirectory(folder)) {
                try (Stream<Path> files = Files.list(folder)) {
                    files.filter(file -> file.toString().endsWith(".onnx"))
                            .filter(Files::isRegularFile)
                            .sorted()
                            .forEach(graphs::add);
                }
            }
        }
        return graphs;
    }

    @Override
    public void load(InputStream stream, Map<String, ?> options) {
        throw new UnsupportedOperationException(
                "a model of many files cannot be read from a stream; load its folder");
    }

    @Override
    public void setBlock(Block other) {
        throw new UnsupportedOperationException(
                "the NPU engine brings its own block; leave out optBlock");
    }

    @Override
    public String[] getArtifactNames() {
        try (Stream<Path> files = Files.walk(modelDir)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> modelDir.relativize(file).toString().replace('\\', '/'))
                    .sorted()
                    .toArray(String[]::new);
        } catch (IOException e) {
            throw new IllegalStateException("cannot list " + modelDir, e);
        }
    }

    /**
     * Returns what is behind any NPU model, for code that generates without arrays.
     *
     * @param model a model of this engine, loaded
     * @return the loaded model
     * @throws IllegalArgumentException if the model is another engine's, or not loaded
     */
    public static NpuRuntime runtime(Model model) {
        if (model.getBlock() instanceof NpuSymbolBlock block) {
            return block.runtime();
        }
        throw new IllegalArgumentException(
                "model '" + model.getName() + "' was not loaded by the engine NPU; set optEngine");
    }
}
