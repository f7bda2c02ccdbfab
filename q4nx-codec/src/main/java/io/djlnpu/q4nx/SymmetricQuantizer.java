package io.djlnpu.q4nx;

import static io.djlnpu.q4nx.Q4nxFormat.GROUP_COLUMNS;
import static io.djlnpu.q4nx.Q4nxFormat.MAX_CODE;

import io.djlnpu.numeric.Bfloat16;

/**
 * The rule of GGML's Q4_0, which Google trains its 4-bit checkpoints for: the weight of greatest
 * magnitude becomes level -8, code 8 is zero, whatever the importance.
 *
 * <p>Q4NX has no zero point but a min: {@code scale * code - 8 * scale}, the scale negative where
 * the extreme is positive, as Q4_0's is. Eight times a bf16 is a bf16, so only the scale's rounding
 * is added to what Q4_0 itself loses.
 */
final class SymmetricQuantizer implements BlockQuantizer {

    private static final int ZERO = 8;

    @Override
    public void quantize(
            float[] weights, float[] importance, short[] scales, short[] mins, byte[] codes) {
        for (int lane = 0; lane < LANES; lane++) {
            float extreme = 0;
            for (int i = 0; i < GROUP_COLUMNS; i++) {
                float w = weights[i * LANES + lane];
                extreme = Math.abs(w) > Math.abs(extreme) ? w : extreme;
            }
            float step = extreme / -ZERO;
            float inverse = step == 0 ? 0 : 1 / step;
            float scale = Bfloat16.round(step);
            scales[lane] = Bfloat16.fromFloat(step == 0 ? 0 : scale);
            mins[lane] = Bfloat16.fromFloat(step == 0 ? 0 : -ZERO * scale);
            for (int i = 0; i < GROUP_COLUMNS; i++) {
                int code = Math.min(MAX_CODE, (int) (weights[i * LANES + lane] * inverse + 8.5f));
                codes[i * LANES + lane] = (byte) (step == 0 ? 0 : code);
            }
        }
    }
}
