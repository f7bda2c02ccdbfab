package io.djlnpu.siglip;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.djlnpu.bundle.VisionSpec;
import io.djlnpu.bundle.VisionWeights;
import io.djlnpu.kernel.AveragePool;
import io.djlnpu.kernel.DenseMatmul;
import io.djlnpu.kernel.DenseWeights;
import io.djlnpu.kernel.KernelContext;
import io.djlnpu.kernel.RmsNorm;
import io.djlnpu.simd.TokenPanels;
import io.djlnpu.simd.TokenPanels.Finish;
import io.djlnpu.tile.DataflowPlan;
import java.lang.foreign.MemorySegment;

/**
 * From the tower's patches to the decoder's soft tokens: mean of each square of patches, RMSNorm,
 * projection.
 *
 * <p><b>Shape</b>: {@code [panels][hidden][32]} to {@code [tokens, text hidden]}. <b>Numerics</b>:
 * as the tower.
 */
public final class ImageProjector {

    /** Of Gemma's RMSNorm; no configuration states another. */
    private static final float EPSILON = 1e-6f;

    private static final int TOKENS = TokenPanels.TOKENS;

    private final SiglipTower tower;
    private final int tokens;
    private final int width;
    private final int outputs;
    private final AveragePool pool;
    private final RmsNorm norm;
    private final MemorySegment normWeight;
    private final MemorySegment pooled;
    private final MemorySegment panels;
    private final MemorySegment projected;
    private final DenseMatmul product;

    /**
     * Binds the projector.
     *
     * @param context device, threads and numerics
     * @param tower what the projector follows
     * @param weights valid as long as the projector is used
     * @throws IllegalArgumentException if the soft tokens are no square that divides the patches
     */
    public ImageProjector(KernelContext context, SiglipTower tower, VisionWeights weights) {
        this.tower = tower;
        VisionSpec config = weights.config();
        tokens = config.tokensPerImage();
        width = config.hiddenSize();
        outputs = weights.projector().rows();
        int gridSide = config.imageSize() / config.patchSize();
        int tokenSide = (int) Math.round(Math.sqrt(tokens));
        if (tokenSide * tokenSide != tokens || gridSide % tokenSide != 0) {
            throw new IllegalArgumentException(
                    "%d tokens an image of %d x %d patches; expected a square whose side divides theirs"
                            .formatted(tokens, gridSide, gridSide));
        }
        int panelCount = Math.ceilDiv(tokens, TOKENS);
        pool = new AveragePool(context, gridSide, tokenSide, width);
        norm = new RmsNorm(context, EPSILON);
        normWeight = context.floats(width);
        MemorySegment.copy(weights.projectorNorm(), 0, normWeight, JAVA_FLOAT, 0, width);
        pooled = context.floats((long) tokens * width);
        panels = context.floats((long) panelCount * TOKENS * width);
        projected = context.floats((long) panelCount * TOKENS * outputs);
        product =
                new DenseMatmul(
                        context,
                        tower.buffers().scratch,
                        tokens,
                        new DenseWeights[] {tower.matrix(weights.projector())},
                        new float[][] {new float[outputs]},
                        Finish.STORE,
                        new MemorySegment[] {projected});
    }

    /**
     * Encodes an image and projects it.
     *
     * @param pixels normalised pixels, {@code [3, side, side]}
     * @return {@code [tokens, text hidden]}
     * @throws IllegalArgumentException if the number of pixels is not the tower's
     */
    public float[] encode(float[] pixels) {
        pool.run(tower.run(pixels), pooled);
        norm.run(pooled, tokens, width, normWeight, pooled);
        transpose();
        int panelCount = Math.ceilDiv(tokens, TOKENS);
        product.run(panels, 0, 0, panelCount);
        float[] features = new float[Math.multiplyExact(tokens, outputs)];
        for (int i = 0; i < features.length; i++) {
            features[i] =
                    projected.getAtIndex(JAVA_FLOAT, place(i / outputs, i % outputs, outputs));
        }
        return features;
    }

    private void transpose() {
        for (int t = 0; t < tokens; t++) {
            for (int i = 0; i < width; i++) {
                float value = pooled.getAtIndex(JAVA_FLOAT, (long) t * width + i);
                panels.setAtIndex(JAVA_FLOAT, place(t, i, width), value);
            }
        }
    }

    /** Where a panel holds a token's value. */
    static long place(int token, int column, int width) {
        return ((long) (token / TOKENS) * width + column) * TOKENS + token % TOKENS;
    }

    /**
     * Returns the plan of the projection.
     *
     * @return what {@link #encode} executes behind the tower
     */
    public DataflowPlan plan() {
        return product.plan();
    }
}
