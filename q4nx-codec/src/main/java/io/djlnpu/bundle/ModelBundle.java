package io.djlnpu.bundle;

import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import io.djlnpu.numeric.Bfloat16;
import io.djlnpu.q4nx.Q4nxFormat;
import io.djlnpu.q4nx.Q4nxTensor;
import io.djlnpu.q4nx.TiledMatrix;
import io.djlnpu.safetensors.DataType;
import io.djlnpu.safetensors.SafetensorsFile;
import io.djlnpu.safetensors.TensorInfo;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * A bundle folder, opened: configuration read, weights mapped into memory. Opening costs no reading
 * of weights.
 *
 * <p>{@link #open} checks that every tensor that the configuration implies is there in its shape.
 * Segments and tensors stay valid until {@link #close()}.
 */
public final class ModelBundle implements AutoCloseable {

    /** The text model's weights. */
    public static final String WEIGHTS_FILE = "model.q4nx";

    /** The vision tower's weights. */
    public static final String VISION_FILE = "vision_weight.q4nx";

    /** The configuration. */
    public static final String CONFIG_FILE = "config.json";

    private final Path folder;
    private final DecoderSpec config;
    private final SafetensorsFile text;
    private final SafetensorsFile vision;

    private ModelBundle(
            Path folder, DecoderSpec config, SafetensorsFile text, SafetensorsFile vision) {
        this.folder = folder;
        this.config = config;
        this.text = text;
        this.vision = vision;
    }

    /**
     * Tells whether a folder looks like a bundle.
     *
     * @param folder any path
     * @return true if it holds {@value #WEIGHTS_FILE}
     */
    public static boolean isBundle(Path folder) {
        return Files.isRegularFile(folder.resolve(WEIGHTS_FILE));
    }

    /**
     * Opens a bundle.
     *
     * @param folder the bundle folder
     * @return the open bundle
     * @throws IOException if a file is missing, malformed, or disagrees with the configuration
     */
    public static ModelBundle open(Path folder) throws IOException {
        DecoderSpec config = Family.read(folder.resolve(CONFIG_FILE));
        SafetensorsFile text = SafetensorsFile.open(folder.resolve(WEIGHTS_FILE));
        SafetensorsFile vision = null;
        try {
            if (config.vision().isPresent() && Files.exists(folder.resolve(VISION_FILE))) {
                vision = SafetensorsFile.open(folder.resolve(VISION_FILE));
            }
            ModelBundle bundle = new ModelBundle(folder, config, text, vision);
            bundle.checkText();
            if (vision != null) {
                bundle.checkVision();
            }
            return bundle;
        } catch (IOException | RuntimeException e) {
            text.close();
            if (vision != null) {
                vision.close();
            }
            throw e;
        }
    }

    private void checkText() throws ModelFormatException {
        for (TensorLayout layout : TensorLayout.text(config)) {
            List<Long> shape =
                    layout.quantized()
                            ? List.of(
                                    Q4nxFormat.byteLength(layout.storedRows(), layout.columns())
                                            / Q4nxFormat.BLOCK_BYTES,
                                    (long) Q4nxFormat.BLOCK_BYTES)
                            : layout.rows() == 1
                                    ? List.of((long) layout.columns())
                                    : List.of((long) layout.rows(), (long) layout.columns());
            check(text, layout.name(), layout.quantized() ? DataType.I8 : DataType.BF16, shape);
        }
    }

    private void checkVision() throws ModelFormatException {
        for (VisionLayout layout : VisionLayout.list(config)) {
            check(vision, layout.name(), DataType.BF16, layout.storedShape());
        }
    }

    private static void check(SafetensorsFile file, String name, DataType type, List<Long> shape)
            throws ModelFormatException {
        TensorInfo info = file.tensor(name);
        if (info.dataType() != type || !info.shape().equals(shape)) {
            throw new ModelFormatException(
                    Code.SHAPE_MISMATCH,
                    "%s: tensor '%s' is %s %s, expected %s %s by %s; convert the model again"
                            .formatted(
                                    file.path(),
                                    name,
                                    info.dataType(),
                                    info.shape(),
                                    type,
                                    shape,
                                    CONFIG_FILE));
        }
    }

    /**
     * Returns where the bundle lies.
     *
     * @return the folder
     */
    public Path folder() {
        return folder;
    }

    /**
     * Returns the configuration.
     *
     * @return the configuration
     */
    public DecoderSpec config() {
        return config;
    }

    /**
     * Tells whether the vision tower's weights are there.
     *
     * @return true for a model that sees
     */
    public boolean hasVision() {
        return vision != null;
    }

    /**
     * Returns a projection or the head, in place. A head may have rows of zeros behind those of the
     * vocabulary ({@link TensorLayout#storedRows}).
     *
     * @param name Hugging Face's name
     * @return the 4-bit matrix
     * @throws ModelFormatException if there is no such matrix
     */
    public Q4nxTensor matrix(String name) throws ModelFormatException {
        TensorLayout layout =
                TensorLayout.find(config, name)
                        .filter(TensorLayout::quantized)
                        .orElseThrow(
                                () ->
                                        new ModelFormatException(
                                                Code.MISSING_TENSOR,
                                                folder + ": no Q4NX tensor '" + name + "'"));
        return new Q4nxTensor(name, layout.storedRows(), layout.columns(), text.segment(name));
    }

    /**
     * Returns the vision tower and the projector, by role.
     *
     * @return matrices in place, small tensors widened
     * @throws ModelFormatException if the bundle holds no vision weights
     */
    public VisionWeights vision() throws ModelFormatException {
        if (vision == null) {
            throw new ModelFormatException(
                    Code.MISSING_FILE,
                    "%s: the model cannot see: no %s; convert a source that holds the vision part"
                            .formatted(folder, VISION_FILE));
        }
        return VisionWeights.of(this);
    }

    /**
     * Returns a matrix of the vision tower or the projector, in place, as {@code [outputs,
     * inputs]}.
     *
     * @param name Hugging Face's name
     * @return the tiled bf16 matrix
     * @throws ModelFormatException if there is no such matrix
     */
    public TiledMatrix visionMatrix(String name) throws ModelFormatException {
        Optional<VisionLayout> layout = VisionLayout.find(config, name);
        if (vision != null && layout.filter(VisionLayout::tiled).isPresent()) {
            List<Integer> shape = layout.get().shape();
            return new TiledMatrix(name, shape.get(0), shape.get(1), vision.segment(name));
        }
        throw new ModelFormatException(
                Code.MISSING_TENSOR, folder + ": no vision matrix '" + name + "'");
    }

    /**
     * Returns a bf16 tensor's bytes, mapped.
     *
     * @param name Hugging Face's name, of the text or the vision file
     * @return little-endian bf16
     * @throws ModelFormatException if there is no such tensor
     */
    public MemorySegment bfloat16(String name) throws ModelFormatException {
        SafetensorsFile file = fileOf(name);
        if (file.tensor(name).dataType() != DataType.BF16) {
            throw new ModelFormatException(
                    Code.SHAPE_MISMATCH,
                    file.path()
                            + ": tensor '"
                            + name
                            + "' is "
                            + file.tensor(name).dataType()
                            + ", expected BF16");
        }
        return file.segment(name);
    }

    /**
     * Returns a bf16 tensor widened to float32; for norms and other small ones.
     *
     * @param name Hugging Face's name
     * @return the values, flat
     * @throws ModelFormatException if there is no such tensor, or it has more than 2^31 values
     */
    public float[] vector(String name) throws ModelFormatException {
        MemorySegment bits = bfloat16(name);
        if (bits.byteSize() / 2 > Integer.MAX_VALUE - 8) {
            throw new ModelFormatException(
                    Code.LIMIT_EXCEEDED, name + ": too large to be read as one vector");
        }
        float[] values = new float[(int) (bits.byteSize() / 2)];
        Bfloat16.toFloats(bits, 0, values, 0, values.length);
        return values;
    }

    private SafetensorsFile fileOf(String name) {
        return vision != null && vision.tensors().containsKey(name) ? vision : text;
    }

    /**
     * Returns the names of all tensors.
     *
     * @return the names, sorted
     */
    public Set<String> names() {
        Set<String> names = new TreeSet<>(text.tensors().keySet());
        if (vision != null) {
            names.addAll(vision.tensors().keySet());
        }
        return Collections.unmodifiableSet(names);
    }

    /**
     * Returns the size of the weight files.
     *
     * @return bytes
     */
    public long bytes() {
        return text.bytes() + (vision == null ? 0 : vision.bytes());
    }

    /** Unmaps the weights. */
    @Override
    public void close() {
        text.close();
        if (vision != null) {
            vision.close();
        }
    }
}
