package io.djlnpu.decoder;

import io.djlnpu.bundle.DecoderSpec;
import io.djlnpu.bundle.EmbeddingHead;
import io.djlnpu.bundle.EmbeddingHead.DenseLayer;
import io.djlnpu.bundle.Family;
import io.djlnpu.bundle.ModelBundle;
import io.djlnpu.bundle.TensorLayout;
import io.djlnpu.format.ModelFormatException;
import io.djlnpu.kernel.FloatWeights;
import io.djlnpu.kernel.ProjectionWeights;
import io.djlnpu.kernel.TileExecutor;
import io.djlnpu.kernel.WeightPacker;
import io.djlnpu.simd.SimdProvider;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A decoder, or an encoder of the same layers, ready to run: weights in place in the bundle's
 * memory map, and the threads. Loading reads no weights but the norms, unless {@link
 * WeightLayout#PACKED} asks for it. Sessions of one model share both and may run at the same time.
 *
 * <p>The bundle stays the caller's: close the model's sessions, then the model, then the bundle.
 */
public final class DecoderModel implements AutoCloseable {

    private final DecoderSpec config;
    private final DecoderOptions options;
    private final SimdProvider simd;
    private final TileExecutor executor;
    private final DecodeGate decodeGate;
    private final Arena arena = Arena.ofShared();
    private final List<LayerWeights> layers = new ArrayList<>();
    private final TokenTable table;
    private final MemorySegment finalNorm;
    private final ProjectionWeights head;
    private final WeightPacker packer;
    private final ModelBundle bundle;
    private TowerImageEncoder imageEncoder;
    private List<FloatWeights> dense;

    private DecoderModel(
            ModelBundle bundle, DecoderSpec config, DecoderOptions options, SimdProvider simd)
            throws ModelFormatException {
        this.bundle = bundle;
        this.config = config;
        this.options = options;
        this.simd = simd;
        for (int i = 0; i < config.layers(); i++) {
            layers.add(LayerWeights.load(bundle, i, arena));
        }
        table = TokenTable.bfloat16(bundle.bfloat16(TensorLayout.EMBEDDING), config.hiddenSize());
        head = config.isEmbedding() ? null : LayerWeights.matrix(bundle, TensorLayout.HEAD);
        finalNorm = LayerWeights.norm(bundle.vector(TensorLayout.FINAL_NORM), arena);
        executor = new TileExecutor(options.threads());
        decodeGate = new DecodeGate(executor, config.layers());
        packer = new WeightPacker(matrices(), simd);
        switch (options.weights()) {
            case AUTO -> packer.start();
            case PACKED -> packer.packNow();
            case MAPPED -> {}
        }
    }

    private List<ProjectionWeights> matrices() {
        List<ProjectionWeights> matrices = new ArrayList<>();
        for (LayerWeights layer : layers) {
            // in the order of use
            layer.matrices().values().forEach(matrix -> matrices.add((ProjectionWeights) matrix));
        }
        if (head != null) {
            matrices.add(head);
        }
        return matrices;
    }

    /**
     * Loads a model.
     *
     * @param bundle an open bundle; stays open as long as the model is used
     * @param options how to run it
     * @return the model
     * @throws ModelFormatException if the bundle is incomplete
     */
    public static DecoderModel load(ModelBundle bundle, DecoderOptions options)
            throws ModelFormatException {
        return load(bundle, options, SimdProvider.best());
    }

    static DecoderModel load(ModelBundle bundle, DecoderOptions options, SimdProvider simd)
            throws ModelFormatException {
        return new DecoderModel(bundle, bundle.config(), options, simd);
    }

    /**
     * Lets the compiler see the kernels before the first prompt does, so that its first token does
     * not wait for that: made-up tokens go through the first layer and the head until they get no
     * faster, some three seconds on two cores. Once in a JVM: later calls, for whatever model,
     * return at once.
     *
     * @throws ModelFormatException if the bundle is incomplete
     */
    public void warmUp() throws ModelFormatException {
        WarmUp.once(this);
    }

    /** The same bundle with one layer, sharing nothing else; the caller's to close. */
    DecoderModel firstLayer() throws ModelFormatException {
        return new DecoderModel(
                bundle,
                config.withFirstLayers(1),
                options.withWeights(WeightLayout.MAPPED)
                        .withMaxContext(Math.min(maxContext(), WarmUp.CONTEXT)),
                simd);
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
     * Returns how the model is run.
     *
     * @return the options
     */
    public DecoderOptions options() {
        return options;
    }

    /**
     * Returns the longest sequence of a session.
     *
     * @return tokens
     */
    public int maxContext() {
        int limit = config.maxPositions();
        return options.maxContext() == 0 ? limit : Math.min(limit, options.maxContext());
    }

    /**
     * Tells which inner loops run.
     *
     * @return the provider's name
     */
    public String provider() {
        return simd.name();
    }

    /**
     * Tells where weights are read from now; with {@link WeightLayout#AUTO} this changes once.
     *
     * @return mapped or packed
     */
    public WeightLayout weightsInUse() {
        return packed() ? WeightLayout.PACKED : WeightLayout.MAPPED;
    }

    /** What is packed last tells whether all is. */
    private boolean packed() {
        return matrices().getLast().isPacked();
    }

    /**
     * Starts a sequence.
     *
     * @return an empty session, the caller's to close
     * @throws IllegalArgumentException if the model makes embeddings and no text
     */
    public DecoderSession newSession() {
        requireText();
        return new DecoderSession(this);
    }

    /**
     * Makes what turns texts into vectors.
     *
     * @return an embedder, the caller's to close
     * @throws IllegalArgumentException if the model writes text and makes no embeddings
     * @throws ModelFormatException if the bundle is incomplete
     */
    public TextEmbedder newEmbedder() throws ModelFormatException {
        requireEmbeddings();
        return new TextEmbedder(this, new EncoderWeights(table, layers, finalNorm, dense()));
    }

    /**
     * Refuses an embedding model.
     *
     * @throws IllegalArgumentException if the model makes embeddings and no text
     */
    public void requireText() {
        if (config.isEmbedding()) {
            throw new IllegalArgumentException(
                    bundle.folder()
                            + ": "
                            + title()
                            + " turns texts into embeddings and writes none; ask it for embeddings,"
                            + " or load a decoder");
        }
    }

    /**
     * Refuses a decoder.
     *
     * @throws IllegalArgumentException if the model writes text and makes no embeddings
     */
    public void requireEmbeddings() {
        if (!config.isEmbedding()) {
            throw new IllegalArgumentException(
                    bundle.folder()
                            + ": "
                            + title()
                            + " writes text and makes no embeddings; load an embedding model, such"
                            + " as EmbeddingGemma");
        }
    }

    private String title() {
        return Family.named(config.family()).title();
    }

    /** The layers behind pooling; read at the first call. */
    private synchronized List<FloatWeights> dense() throws ModelFormatException {
        if (dense == null) {
            List<DenseLayer> layouts = config.embedding().orElseThrow().dense();
            List<FloatWeights> loaded = new ArrayList<>();
            for (int i = 0; i < layouts.size(); i++) {
                DenseLayer layout = layouts.get(i);
                String name = EmbeddingHead.tensorName(i);
                loaded.add(
                        new FloatWeights(
                                name, layout.outputs(), layout.inputs(), bundle.vector(name)));
            }
            dense = List.copyOf(loaded);
        }
        return dense;
    }

    /**
     * Returns what turns images into soft tokens. It is made when first asked for, and takes some
     * 180 MB then for a tower of 896 pixels.
     *
     * @return the encoder, as long as the model is open; empty if the model does not see
     * @throws ModelFormatException if the bundle's vision weights are incomplete
     */
    public synchronized Optional<ImageEncoder> imageEncoder() throws ModelFormatException {
        if (imageEncoder == null && bundle.hasVision()) {
            imageEncoder = new TowerImageEncoder(this, bundle.vision());
        }
        return Optional.ofNullable(imageEncoder);
    }

    SimdProvider simd() {
        return simd;
    }

    DecodeGate decodeGate() {
        return decodeGate;
    }

    TileExecutor executor() {
        return executor;
    }

    List<LayerWeights> layers() {
        return layers;
    }

    TokenTable table() {
        return table;
    }

    MemorySegment finalNorm() {
        return finalNorm;
    }

    ProjectionWeights head() {
        return head;
    }

    /** Stops the threads and frees norms and packed weights. */
    @Override
    public void close() {
        executor.close(); // first: what runs ends, and nothing starts on memory that is freed
        if (imageEncoder != null) {
            imageEncoder.close();
        }
        packer.close();
        arena.close();
    }
}
