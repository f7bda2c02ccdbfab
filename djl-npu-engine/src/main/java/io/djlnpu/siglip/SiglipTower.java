package io.djlnpu.siglip;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.djlnpu.bundle.VisionSpec;
import io.djlnpu.bundle.VisionWeights;
import io.djlnpu.kernel.DenseWeights;
import io.djlnpu.kernel.Interruption;
import io.djlnpu.kernel.KernelContext;
import io.djlnpu.kernel.LayerNorm;
import io.djlnpu.kernel.PatchEmbedding;
import io.djlnpu.kernel.VisionAttention;
import io.djlnpu.q4nx.TiledMatrix;
import io.djlnpu.tile.DataflowPlan;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * SigLIP's encoder: patches with learned positions, layers with LayerNorm before each half, a
 * LayerNorm behind all. One image at a time; not thread-safe.
 *
 * <p><b>Shape</b>: pixels {@code [3, side, side]} to {@code [patches, hidden]}. <b>Numerics</b>:
 * weights are bf16, sums float32; what kernels exchange is narrowed as the context says, and the
 * bits are the same with any number of threads.
 */
public final class SiglipTower {

    private final Function<TiledMatrix, DenseWeights> matrices;
    private final VisionSpec config;
    private final TowerBuffers buffers;
    private final PatchEmbedding embedding;
    private final List<EncoderLayer> layers = new ArrayList<>();
    private final LayerNorm postNorm;
    private final DataflowPlan attentionPlan;

    /**
     * Binds the tower.
     *
     * @param context device, threads and numerics
     * @param weights valid as long as the tower is used
     */
    public SiglipTower(KernelContext context, VisionWeights weights) {
        this(context, weights, DenseWeights::of);
    }

    /**
     * Binds the tower to matrices from elsewhere, which need not be bf16.
     *
     * @param context device, threads and numerics
     * @param weights the vectors, and the names and sizes of the matrices
     * @param matrices gives the matrix that is used in place of one of these
     */
    public SiglipTower(
            KernelContext context,
            VisionWeights weights,
            Function<TiledMatrix, DenseWeights> matrices) {
        this.matrices = matrices;
        config = weights.config();
        buffers = new TowerBuffers(context, config);
        embedding =
                new PatchEmbedding(
                        context,
                        buffers.scratch,
                        config.imageSize(),
                        config.patchSize(),
                        weights.patchWeight(),
                        weights.patchBias(),
                        weights.positions(),
                        buffers.residual);
        int headDim = config.hiddenSize() / config.heads();
        VisionAttention attention =
                new VisionAttention(context, buffers.tokens, config.heads(), headDim);
        attentionPlan =
                VisionAttention.plan(context.device(), buffers.tokens, config.heads(), headDim);
        for (VisionWeights.Layer layer : weights.layers()) {
            layers.add(
                    new EncoderLayer(
                            context,
                            buffers,
                            attention,
                            config.layerNormEpsilon(),
                            layer,
                            matrices));
        }
        postNorm = norm(context, weights.postNorm(), config.layerNormEpsilon());
    }

    static LayerNorm norm(KernelContext context, VisionWeights.LayerNorm norm, float epsilon) {
        return new LayerNorm(context, norm.weight(), norm.bias(), epsilon);
    }

    /**
     * Encodes an image.
     *
     * @param pixels normalised pixels, {@code [3, side, side]}
     * @return {@code [panels][hidden][32]}, valid until the next image
     * @throws IllegalArgumentException if the number of pixels is not the tower's
     */
    MemorySegment run(float[] pixels) {
        int side = config.imageSize();
        if (pixels.length != 3L * side * side) {
            throw new IllegalArgumentException(
                    "%d pixel values, expected 3 x %d x %d".formatted(pixels.length, side, side));
        }
        embedding.run(pixels);
        for (EncoderLayer layer : layers) {
            Interruption.check();
            layer.run();
        }
        postNorm.run(buffers.residual, 0, buffers.residual, 0, buffers.panels);
        return buffers.residual;
    }

    /**
     * Encodes an image, token by token.
     *
     * @param pixels normalised pixels, {@code [3, side, side]}
     * @return {@code [patches, hidden]}
     * @throws IllegalArgumentException if the number of pixels is not the tower's
     */
    public float[] encode(float[] pixels) {
        MemorySegment panels = run(pixels);
        int width = config.hiddenSize();
        float[] tokens = new float[Math.multiplyExact(buffers.tokens, width)];
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] =
                    panels.getAtIndex(
                            JAVA_FLOAT, ImageProjector.place(i / width, i % width, width));
        }
        return tokens;
    }

    DenseWeights matrix(TiledMatrix tiled) {
        return matrices.apply(tiled);
    }

    TowerBuffers buffers() {
        return buffers;
    }

    /**
     * Returns what {@link #encode} executes: the product of the patches, then for each layer its
     * products and its attention.
     *
     * @return one plan a call
     */
    public List<DataflowPlan> plans() {
        return Stream.concat(
                        Stream.of(embedding.plan()),
                        layers.stream()
                                .flatMap(
                                        layer ->
                                                Stream.concat(
                                                        layer.plans(), Stream.of(attentionPlan))))
                .toList();
    }
}
