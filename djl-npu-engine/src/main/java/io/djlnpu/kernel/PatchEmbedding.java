package io.djlnpu.kernel;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.djlnpu.numeric.Bfloat16;
import io.djlnpu.simd.TokenPanels;
import io.djlnpu.simd.TokenPanels.Finish;
import io.djlnpu.tile.DataflowPlan;
import java.lang.foreign.MemorySegment;

/**
 * Turns pixels into tokens: a convolution whose stride is its width, which is a matrix product over
 * the patches, plus what each place has learned.
 *
 * <p><b>Shape</b>: pixels {@code [3, side, side]}, tokens {@code [panels][width][32]}, patches from
 * left to right, then downwards. <b>Numerics</b>: as {@link DenseMatmul}; pixels are narrowed too.
 */
public final class PatchEmbedding {

    /** Panels that are cut out together. */
    private static final int GROUP = 32;

    private static final int TOKENS = TokenPanels.TOKENS;
    private static final int CHANNELS = 3;

    private final KernelContext context;
    private final int side;
    private final int patch;
    private final float[] positions;
    private final int width;
    private final MemorySegment patches;
    private final MemorySegment tokens;
    private final DenseMatmul product;
    private final TileExecutor.Task cut = this::cut;
    private float[] pixels;
    private int firstPanel;

    /**
     * Binds the kernel.
     *
     * @param context what the kernels share
     * @param scratch of the product
     * @param side pixels of the image's side
     * @param patch pixels of a patch's side
     * @param weight {@code [width, 3, patch, patch]}
     * @param bias {@code [width]}
     * @param positions {@code [patches, width]}
     * @param tokens receives {@code [panels][width][32]}
     */
    public PatchEmbedding(
            KernelContext context,
            DenseMatmul.Scratch scratch,
            int side,
            int patch,
            float[] weight,
            float[] bias,
            float[] positions,
            MemorySegment tokens) {
        this.context = context;
        this.side = side;
        this.patch = patch;
        this.positions = positions;
        this.tokens = tokens;
        width = bias.length;
        int values = CHANNELS * patch * patch;
        patches = context.floats((long) GROUP * values * TOKENS);
        product =
                new DenseMatmul(
                        context,
                        scratch,
                        positions.length / width,
                        new DenseWeights[] {DenseWeights.of(weight, width, values)},
                        new float[][] {bias},
                        Finish.ADD,
                        new MemorySegment[] {tokens});
    }

    /**
     * Returns the plan that {@link #run} executes.
     *
     * @return the plan of the product
     */
    public DataflowPlan plan() {
        return product.plan();
    }

    /**
     * Embeds an image.
     *
     * @param image {@code [3, side, side]}
     */
    public void run(float[] image) {
        pixels = image;
        int panels = Math.ceilDiv(positions.length / width, TOKENS);
        for (firstPanel = 0; firstPanel < panels; firstPanel += GROUP) {
            int count = Math.min(GROUP, panels - firstPanel);
            context.executor().run(count, cut);
            product.run(patches, 0, firstPanel, count);
        }
        pixels = null;
    }

    /** Cuts a panel's patches out, and puts its positions where the product is added. */
    private void cut(int panel, int thread) {
        int across = side / patch;
        for (int t = 0; t < TOKENS; t++) {
            int token = (firstPanel + panel) * TOKENS + t;
            boolean inside = token < positions.length / width;
            int corner = token / across * patch * side + token % across * patch;
            long column = (long) panel * CHANNELS * patch * patch * TOKENS + t;
            for (int channel = 0; channel < CHANNELS; channel++) {
                for (int y = 0; y < patch; y++) {
                    int row = (channel * side + y) * side + corner;
                    for (int x = 0; x < patch; x++) {
                        put(patches, column, inside ? pixels[row + x] : 0);
                        column += TOKENS;
                    }
                }
            }
            long place = (long) (firstPanel + panel) * width * TOKENS + t;
            for (int i = 0; i < width; i++) {
                put(tokens, place + (long) i * TOKENS, inside ? positions[token * width + i] : 0);
            }
        }
    }

    private void put(MemorySegment target, long index, float value) {
        target.setAtIndex(JAVA_FLOAT, index, context.narrow() ? Bfloat16.round(value) : value);
    }
}
