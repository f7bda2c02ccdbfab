package io.djlnpu.bundle;

import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import io.djlnpu.safetensors.DataType;
import io.djlnpu.safetensors.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A Hugging Face checkpoint, as models and fine-tunes are published: {@code config.json} and
 * weights in one {@code model.safetensors} or in parts with an index, in float32, bfloat16 or
 * float16.
 *
 * <p><b>Numerics</b>: values are widened to float32 exactly, and Gemma's norms are given as {@code
 * 1 + w} in float32, so that a bundle is the same to the byte as one from the float32 export of the
 * same model.
 *
 * <p><b>Errors</b>: {@link ModelFormatException} that names every tensor that is missing, has
 * another type or shape, or changes the model in a way that a bundle cannot hold (a bias, the codes
 * of a quantised checkpoint, an adapter).
 */
public final class SafetensorsCheckpoint implements ModelSource {

    /** What the parts of a model are called before and after they were moved below "model.". */
    private static final Pattern PREFIX =
            Pattern.compile(
                    "^(?:model\\.)?(?:language_model\\.)?"
                            + "(?=lm_head|vision_tower|multi_modal_projector)"
                            + "|^(?:(?:model\\.)?language_model\\.(?:model\\.)?|model\\.)?"
                            + "(?=layers\\.|embed_tokens\\.|norm\\.)");

    private static final int NAMED = 8;

    private final Path folder;
    private final ShardedTensors tensors;
    private final DecoderSpec spec;
    private final SentenceModules modules;
    private final Map<String, String> stored;
    private final boolean tied;

    private SafetensorsCheckpoint(
            Path folder, ShardedTensors tensors, SentenceModules modules, DecoderSpec spec)
            throws IOException {
        this.folder = folder;
        this.tensors = tensors;
        this.modules = modules;
        this.stored = stored(tensors);
        Path config = folder.resolve(ModelBundle.CONFIG_FILE);
        boolean stated =
                new ConfigReader(config.toString(), JsonFiles.read(config))
                        .flag("tie_word_embeddings", false);
        this.tied = stated || !stored.containsKey(TensorLayout.HEAD);
        boolean sees = stored.containsKey(VisionLayout.PROJECTOR);
        this.spec = sees ? spec : spec.withoutVision();
    }

    /**
     * Tells whether a path looks like something to {@link #open}.
     *
     * @param path any path
     * @return true for a folder with {@code model.safetensors} or its index
     */
    public static boolean isCheckpoint(Path path) {
        return ShardedTensors.in(path);
    }

    /**
     * Opens a checkpoint.
     *
     * @param folder the folder
     * @return the model, to be closed by the caller
     * @throws IOException if it cannot be read, is of a family that is not run, or incomplete
     */
    public static SafetensorsCheckpoint open(Path folder) throws IOException {
        DecoderSpec spec = Family.read(folder.resolve(ModelBundle.CONFIG_FILE));
        ShardedTensors tensors = ShardedTensors.open(folder);
        SentenceModules modules = null;
        try {
            if (spec.isEmbedding()) {
                EmbeddingHead head =
                        EmbeddingHead.MEAN.withPrompts(SentenceModules.prompts(folder));
                if (SentenceModules.in(folder)) {
                    modules = SentenceModules.open(folder);
                    head = modules.head();
                }
                spec = spec.withEmbedding(Optional.of(head));
            }
            SafetensorsCheckpoint checkpoint =
                    new SafetensorsCheckpoint(folder, tensors, modules, spec);
            checkpoint.check();
            return checkpoint;
        } catch (IOException | RuntimeException e) {
            tensors.close();
            if (modules != null) {
                modules.close();
            }
            throw e;
        }
    }

    private static Map<String, String> stored(ShardedTensors tensors) {
        Map<String, String> stored = new TreeMap<>();
        for (String name : tensors.names()) {
            Matcher prefix = PREFIX.matcher(name);
            if (prefix.find()) {
                String own = name.substring(prefix.end());
                boolean text = own.matches("(layers|embed_tokens|norm)\\..*");
                stored.putIfAbsent(text ? "model." + own : own, name);
            } else {
                stored.putIfAbsent(name, name);
            }
        }
        return stored;
    }

    /** All that is wrong at once. */
    private void check() throws ModelFormatException {
        List<String> problems = new ArrayList<>();
        Set<String> unknown = new TreeSet<>(stored.keySet());
        for (TensorLayout layout : TensorLayout.text(spec)) {
            unknown.remove(layout.name());
            boolean elsewhere =
                    layout.name().equals(TensorLayout.HEAD) && tied || dense(layout.name()) != null;
            if (!elsewhere) {
                List<Long> shape =
                        layout.rows() == 1
                                ? List.of((long) layout.columns())
                                : List.of((long) layout.rows(), (long) layout.columns());
                check(layout.name(), shape, problems);
            }
        }
        if (spec.vision().isPresent()) {
            for (VisionLayout layout : VisionLayout.list(spec)) {
                List<Long> shape = layout.logicalShape();
                boolean turned = layout.name().equals(VisionLayout.PROJECTOR);
                check(layout.name(), turned ? shape.reversed() : shape, problems);
            }
        }
        unknown.removeIf(SafetensorsCheckpoint::isHarmless);
        unknown.stream()
                .map(name -> "'" + name + "', which a bundle cannot hold")
                .forEach(problems::add);
        if (!problems.isEmpty()) {
            int more = problems.size() - NAMED;
            throw new ModelFormatException(
                    Code.SHAPE_MISMATCH,
                    folder
                            + ": not the weights of "
                            + Family.named(spec.family()).title()
                            + " as "
                            + ModelBundle.CONFIG_FILE
                            + " describes it:\n  - "
                            + String.join(
                                    "\n  - ", problems.subList(0, Math.min(NAMED, problems.size())))
                            + (more > 0 ? "\n  - and " + more + " more" : ""));
        }
    }

    /** Derived numbers that some checkpoints hold, and a tower that nothing was said about. */
    private static boolean isHarmless(String name) {
        return name.endsWith("rotary_emb.inv_freq")
                || name.equals(TensorLayout.HEAD)
                || name.startsWith("vision_tower.")
                || name.startsWith("multi_modal_projector.");
    }

    private void check(String name, List<Long> shape, List<String> problems)
            throws ModelFormatException {
        String own = stored.get(name);
        if (own == null) {
            problems.add("no '" + name + "'");
            return;
        }
        SafetensorsFile file = tensors.fileOf(own);
        DataType type = file.tensor(own).dataType();
        List<Long> found = file.tensor(own).shape();
        if (!FloatMatrix.TYPES.contains(type)) {
            problems.add("'%s' is %s, expected F32, BF16 or F16".formatted(own, type));
        } else if (!found.equals(shape)) {
            problems.add("'%s' is %s, expected %s".formatted(own, found, shape));
        }
    }

    private WeightMatrix dense(String name) {
        List<WeightMatrix> dense = modules == null ? List.of() : modules.dense();
        for (int i = 0; i < dense.size(); i++) {
            if (name.equals(EmbeddingHead.tensorName(i))) {
                return dense.get(i);
            }
        }
        return null;
    }

    @Override
    public DecoderSpec config() {
        return spec;
    }

    @Override
    public Set<String> names() {
        Set<String> names = new HashSet<>(stored.keySet());
        if (tied) {
            names.remove(TensorLayout.HEAD);
        }
        return Collections.unmodifiableSet(names);
    }

    @Override
    public boolean tied() {
        return tied;
    }

    @Override
    public WeightMatrix matrix(String name) throws IOException {
        WeightMatrix dense = dense(name);
        return dense != null ? dense : tensor(name);
    }

    @Override
    public float[] vector(String name) throws IOException {
        float[] values = tensor(name).readAll();
        boolean rmsNorm =
                name.equals(VisionLayout.PROJECTOR_NORM)
                        || TensorLayout.find(spec, name).filter(l -> l.rows() == 1).isPresent();
        float offset = rmsNorm ? Family.named(spec.family()).normOffset() : 0;
        for (int i = 0; i < values.length && offset != 0; i++) {
            values[i] += offset;
        }
        return values;
    }

    private FloatMatrix tensor(String name) throws ModelFormatException {
        String own = stored.get(name);
        if (own == null) {
            throw new ModelFormatException(
                    Code.MISSING_TENSOR, folder + ": no weight '" + name + "' in this model");
        }
        return FloatMatrix.of(tensors.fileOf(own), own);
    }

    @Override
    public Map<String, Path> companionFiles() {
        return CompanionFiles.in(List.of(folder));
    }

    @Override
    public List<String> warnings() {
        return List.of();
    }

    @Override
    public List<Path> sourceFiles() {
        List<Path> files = new ArrayList<>(tensors.paths());
        files.add(folder.resolve(ModelBundle.CONFIG_FILE));
        if (modules != null) {
            files.addAll(modules.files());
        }
        files.addAll(companionFiles().values());
        return files;
    }

    @Override
    public void close() {
        tensors.close();
        if (modules != null) {
            modules.close();
        }
    }
}
