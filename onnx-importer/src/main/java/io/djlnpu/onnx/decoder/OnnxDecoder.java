package io.djlnpu.onnx.decoder;

import io.djlnpu.bundle.DecoderSpec;
import io.djlnpu.bundle.EmbeddingHead;
import io.djlnpu.bundle.ModelSource;
import io.djlnpu.bundle.SentenceModules;
import io.djlnpu.bundle.WeightMatrix;
import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import io.djlnpu.onnx.files.GraphFile;
import io.djlnpu.onnx.files.ModelFolder;
import io.djlnpu.onnx.report.ImportReport;
import io.djlnpu.onnx.weight.ExpressionMatrix;
import io.djlnpu.onnx.weight.WeightExpression;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A decoder in ONNX files, opened for import: configuration, weights by Hugging Face's names, and a
 * report of how both were found.
 *
 * <p>Weights are read from the mapped files when they are asked for. <b>Errors</b>: {@link
 * ModelFormatException} for files that are damaged, incomplete, of another model or encoded in a
 * way that cannot be read.
 */
public final class OnnxDecoder implements ModelSource {

    private final List<GraphFile> graphs;
    private final Map<String, WeightExpression> weights;
    private final DecoderSpec config;
    private final ImportReport report;
    private final Map<String, Path> companions;
    private final List<Path> sources;
    private final SentenceModules modules;

    OnnxDecoder(
            List<GraphFile> graphs,
            Map<String, WeightExpression> weights,
            DecoderSpec config,
            ImportReport report,
            Map<String, Path> companions,
            List<Path> sources,
            SentenceModules modules) {
        this.graphs = graphs;
        this.weights = new LinkedHashMap<>(weights);
        this.config = config;
        this.report = report;
        this.companions = companions;
        this.sources = sources;
        this.modules = modules;
    }

    /**
     * Opens a model. Of several forms in one folder the most precise is taken.
     *
     * @param folderOrFile a folder with {@code .onnx} files in it or in its {@code onnx/}, or one
     *     decoder graph
     * @return the model, to be closed by the caller
     * @throws IOException if it cannot be read or is of no family that is run
     */
    public static OnnxDecoder open(Path folderOrFile) throws IOException {
        return open(folderOrFile, null);
    }

    /**
     * Opens a model whose configuration lies elsewhere.
     *
     * @param folderOrFile as for {@link #open(Path)}
     * @param configJson Hugging Face's {@code config.json}, or null to look beside the graphs
     * @return the model, to be closed by the caller
     * @throws IOException if it cannot be read or is of no family that is run
     */
    public static OnnxDecoder open(Path folderOrFile, Path configJson) throws IOException {
        return new Importer(folderOrFile, configJson).open();
    }

    /**
     * Tells whether a path looks like something to {@link #open}.
     *
     * @param path a file or folder
     * @return true for an {@code .onnx} file, or a folder that has one in it or in its {@code
     *     onnx/}
     */
    public static boolean isOnnxModel(Path path) {
        return ModelFolder.holdsGraphs(path);
    }

    /**
     * Lists the graphs that {@link #open} would look at.
     *
     * @param folderOrFile as for {@link #open(Path)}
     * @return the {@code .onnx} files
     * @throws IOException if there is no such file or folder
     */
    public static List<Path> graphs(Path folderOrFile) throws IOException {
        ModelFolder folder = ModelFolder.of(folderOrFile);
        return folder.chosen().isPresent() ? List.of(folder.chosen().get()) : folder.graphs();
    }

    @Override
    public DecoderSpec config() {
        return config;
    }

    @Override
    public Set<String> names() {
        return Collections.unmodifiableSet(weights.keySet());
    }

    @Override
    public WeightMatrix matrix(String name) throws IOException {
        List<WeightMatrix> dense = modules == null ? List.of() : modules.dense();
        for (int i = 0; i < dense.size(); i++) {
            if (name.equals(EmbeddingHead.tensorName(i))) {
                return dense.get(i);
            }
        }
        return new ExpressionMatrix(weight(name));
    }

    @Override
    public float[] vector(String name) throws IOException {
        return weight(name).readAll();
    }

    /**
     * Returns how the model was understood.
     *
     * @return the report
     */
    public ImportReport report() {
        return report;
    }

    @Override
    public List<String> warnings() {
        return report.warnings();
    }

    @Override
    public Map<String, Path> companionFiles() {
        return companions;
    }

    /**
     * Returns every file that the import depends on: graphs, data and configuration.
     *
     * @return the files, for a hash over their contents
     */
    @Override
    public List<Path> sourceFiles() {
        return sources;
    }

    private WeightExpression weight(String name) throws ModelFormatException {
        WeightExpression weight = weights.get(name);
        if (weight == null) {
            throw new ModelFormatException(
                    Code.MISSING_TENSOR,
                    report.files().get(0).path() + ": no weight '" + name + "' in this model");
        }
        return weight;
    }

    /** Unmaps the files; matrices of this model must not be read any more. */
    @Override
    public void close() {
        graphs.forEach(GraphFile::close);
        if (modules != null) {
            modules.close();
        }
    }
}
