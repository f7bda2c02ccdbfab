package io.djlnpu.q4nx;

import static io.djlnpu.q4nx.Q4nxFormat.GROUP_COLUMNS;
import static io.djlnpu.q4nx.Q4nxFormat.MAX_CODE;

import io.djlnpu.numeric.Bfloat16;

/**
 * The rule of GGML's Q4_0, which Google trains its 4-bit checkpoints for: the weight of greatest
 * magnitude becomes level -8, code 8 is zero, whatever the importance.
 *
 * <p>Q4NX has no zero point but a min. Where the extreme is negative the levels are {@code scale *
 * code - 8 * scale}; where it is positive Q4_0's scale is negative, and the same levels, counted
 * from the other end, are {@code scale * code - 7 * scale}. Only the scale's rounding to bf16, and
 * that of seven times it, is added to what Q4_0 itself loses.
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
            boolean reversed = step < 0;
            float scale = Bfloat16.round(Math.abs(step));
            scales[lane] = Bfloat16.fromFloat(scale);
            int zero = reversed ? MAX_CODE - ZERO : ZERO;
            mins[lane] = Bfloat16.fromFloat(step == 0 ? 0 : -zero * scale);
            for (int i = 0; i < GROUP_COLUMNS; i++) {
                int code = Math.min(MAX_CODE, (int) (weights[i * LANES + lane] * inverse + 8.5f));
                codes[i * LANES + lane] =
                        (byte) (step == 0 ? 0 : reversed ? MAX_CODE - code : code);
            }
        }
    }
}
