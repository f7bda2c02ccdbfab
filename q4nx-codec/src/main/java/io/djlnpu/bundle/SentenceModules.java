package io.djlnpu.bundle;

import io.djlnpu.bundle.EmbeddingHead.DenseLayer;
import io.djlnpu.bundle.EmbeddingHead.Pooling;
import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import io.djlnpu.safetensors.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What sentence-transformers keeps beside a model: {@code modules.json} with a folder a module, and
 * prompts in {@code config_sentence_transformers.json}.
 *
 * <p><b>Errors</b>: {@link ModelFormatException} that names every module that a bundle cannot hold:
 * a pooling other than mean or last token, a dense layer with a bias or an activation.
 */
public final class SentenceModules implements AutoCloseable {

    private static final String TYPE = "sentence_transformers.models.";
    private static final int MOST = 16;

    private final Path folder;
    private final List<SafetensorsFile> files = new ArrayList<>();
    private final List<WeightMatrix> dense = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();
    private Pooling pooling = Pooling.MEAN;
    private boolean normalised;

    private SentenceModules(Path folder) {
        this.folder = folder;
    }

    /**
     * Tells whether a folder states modules.
     *
     * @param folder any folder
     * @return true if there is a {@code modules.json}
     */
    public static boolean in(Path folder) {
        return Files.isRegularFile(folder.resolve("modules.json"));
    }

    /**
     * Reads the modules and opens the weights of the dense ones.
     *
     * @param folder a folder with a {@code modules.json}
     * @return the modules, to be closed by the caller
     * @throws IOException if a file is missing, malformed, or a module cannot be held
     */
    public static SentenceModules open(Path folder) throws IOException {
        SentenceModules modules = new SentenceModules(folder);
        try {
            modules.read();
            return modules;
        } catch (IOException | RuntimeException e) {
            modules.close();
            throw e;
        }
    }

    /**
     * Reads the prompts beside a model.
     *
     * @param folder any folder
     * @return texts by kind; none where the folder states none
     * @throws IOException if the file is malformed
     */
    public static Map<String, String> prompts(Path folder) throws IOException {
        Path file = folder.resolve("config_sentence_transformers.json");
        return Files.isRegularFile(file)
                ? new ConfigReader(file.toString(), JsonFiles.read(file)).strings("prompts")
                : Map.of();
    }

    private void read() throws IOException {
        Path list = folder.resolve("modules.json");
        List<ConfigReader> modules = ConfigReader.list(list.toString(), JsonFiles.readArray(list));
        if (modules.size() > MOST) {
            throw new ModelFormatException(
                    Code.LIMIT_EXCEEDED, list + ": " + modules.size() + " modules");
        }
        for (ConfigReader module : modules) {
            String type = module.text("type", "");
            Path place = inside(module.text("path", ""));
            switch (type.startsWith(TYPE) ? type.substring(TYPE.length()) : type) {
                case "Transformer" -> {}
                case "Pooling" -> pooling(place);
                case "Dense" -> dense(place);
                case "Normalize" -> normalised = true;
                default -> problems.add("a module of type '" + type + "'");
            }
        }
        if (!problems.isEmpty()) {
            throw new ModelFormatException(
                    Code.UNSUPPORTED_MODEL,
                    list + ": what a bundle cannot hold: " + String.join("; ", problems));
        }
    }

    private Path inside(String path) throws ModelFormatException {
        Path place = folder.resolve(path).normalize();
        if (!place.startsWith(folder.normalize())) {
            throw new ModelFormatException(
                    Code.MALFORMED,
                    folder.resolve("modules.json") + ": a module outside the folder: " + path);
        }
        return place;
    }

    private void pooling(Path place) throws IOException {
        Path file = place.resolve("config.json");
        ConfigReader keys = new ConfigReader(file.toString(), JsonFiles.read(file));
        for (String key : keys.keys()) {
            if (!key.startsWith("pooling_mode_") || !keys.flag(key, false)) {
                continue;
            }
            switch (key) {
                case "pooling_mode_mean_tokens" -> pooling = Pooling.MEAN;
                case "pooling_mode_lasttoken" -> pooling = Pooling.LAST_TOKEN;
                default -> problems.add(key + " (" + place.getFileName() + ")");
            }
        }
    }

    private void dense(Path place) throws IOException {
        Path file = place.resolve("config.json");
        ConfigReader keys = new ConfigReader(file.toString(), JsonFiles.read(file));
        String activation = keys.text("activation_function", "torch.nn.modules.linear.Identity");
        if (keys.flag("bias", true)) {
            problems.add("a bias (" + place.getFileName() + ")");
        }
        if (!activation.endsWith(".Identity")) {
            problems.add("activation " + activation + " (" + place.getFileName() + ")");
        }
        SafetensorsFile weights = SafetensorsFile.open(place.resolve("model.safetensors"));
        files.add(weights);
        FloatMatrix matrix = FloatMatrix.of(weights, "linear.weight");
        int inputs = keys.required("in_features", ConfigKeys.MAX_WIDTH);
        int outputs = keys.required("out_features", ConfigKeys.MAX_WIDTH);
        if (matrix.rows() != outputs
                || matrix.columns() != inputs
                || !FloatMatrix.TYPES.contains(matrix.type())) {
            throw new ModelFormatException(
                    Code.SHAPE_MISMATCH,
                    "%s: 'linear.weight' is %s %d x %d, expected %d x %d of a float type"
                            .formatted(
                                    weights.path(),
                                    matrix.type(),
                                    matrix.rows(),
                                    matrix.columns(),
                                    outputs,
                                    inputs));
        }
        dense.add(matrix);
    }

    /**
     * Returns the way from hidden states to a vector.
     *
     * @return pooling, dense layers and prompts
     * @throws IOException if the prompts are malformed
     */
    public EmbeddingHead head() throws IOException {
        List<DenseLayer> layers =
                dense.stream().map(m -> new DenseLayer(m.columns(), m.rows())).toList();
        return new EmbeddingHead(pooling, layers, normalised, prompts(folder));
    }

    /**
     * Returns the weights of the dense layers.
     *
     * @return matrices, first to last
     */
    public List<WeightMatrix> dense() {
        return List.copyOf(dense);
    }

    /**
     * Returns the files of their weights.
     *
     * @return the files
     */
    public List<Path> files() {
        return files.stream().map(SafetensorsFile::path).toList();
    }

    @Override
    public void close() {
        files.forEach(SafetensorsFile::close);
    }
}
