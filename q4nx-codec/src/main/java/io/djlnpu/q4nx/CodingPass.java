package io.djlnpu.q4nx;

import static io.djlnpu.q4nx.BlockQuantizer.LANES;

/**
 * Codes a block with one pair a lane and sums, lane by lane, what least squares needs; the codes
 * themselves are not kept. Residuals are in steps: multiples of the lane's scale.
 */
abstract class CodingPass {

    /** Sum of the columns' importance. */
    final float[] importance = new float[LANES];

    /** Sum of codes, each times its column's importance, as all that follow. */
    final float[] codes = new float[LANES];

    /** Sum of squared codes. */
    final float[] squaredCodes = new float[LANES];

    /** Sum of residuals. */
    final float[] residuals = new float[LANES];

    /** Sum of residual times code. */
    final float[] residualsTimesCodes = new float[LANES];

    /** Sum of squared residuals. */
    final float[] squaredResiduals = new float[LANES];

    /**
     * Takes a block; it is not changed before the last run.
     *
     * @param weights {@code [32][256]}
     * @param each their importances, {@code [32][256]}, at most 1
     */
    abstract void load(float[] weights, float[] each);

    /**
     * Codes the block.
     *
     * @param scale one a lane
     * @param min one a lane
     */
    abstract void run(float[] scale, float[] min);
}
