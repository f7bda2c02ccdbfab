package io.djlnpu.q4nx;

import static io.djlnpu.q4nx.Q4nxFormat.GROUP_COLUMNS;
import static io.djlnpu.q4nx.Q4nxFormat.MAX_CODE;

import io.djlnpu.numeric.Bfloat16;
import io.djlnpu.numeric.Float16;
import java.util.Arrays;

/**
 * FastFlowLM's own quantiser, to the byte, whatever the importance: weights rounded to bf16, codes
 * against the unrounded range, then scale and min rounded to binary16 and from there to bf16.
 *
 * <p>It departs from the converter in one case: where binary16 would overflow to infinity, scale
 * and min are rounded to bf16 directly, so that no weight becomes NaN.
 */
final class MinMaxQuantizer implements BlockQuantizer {

    private final float[] rounded = new float[GROUP_COLUMNS * LANES];
    private final float[] min = new float[LANES];
    private final float[] max = new float[LANES];
    private final float[] inverse = new float[LANES];

    @Override
    public void quantize(
            float[] weights, float[] importance, short[] scales, short[] mins, byte[] codes) {
        Arrays.fill(min, Float.POSITIVE_INFINITY);
        Arrays.fill(max, Float.NEGATIVE_INFINITY);
        for (int i = 0; i < rounded.length; i++) {
            float w = Bfloat16.round(weights[i]);
            int lane = i % LANES;
            rounded[i] = w;
            min[lane] = Math.min(min[lane], w);
            max[lane] = Math.max(max[lane], w);
        }
        for (int lane = 0; lane < LANES; lane++) {
            float scale = (max[lane] - min[lane]) / MAX_CODE;
            inverse[lane] = scale == 0 ? 0 : 1 / scale;
            scales[lane] = narrow(scale);
            mins[lane] = narrow(min[lane]);
        }
        for (int i = 0; i < rounded.length; i++) {
            int lane = i % LANES;
            int code = (int) ((rounded[i] - min[lane]) * inverse[lane] + 0.5f);
            codes[i] = (byte) Math.clamp(code, 0, MAX_CODE);
        }
    }

    private static short narrow(float value) {
        float half = Float16.round(value);
        return Bfloat16.fromFloat(Float.isInfinite(half) ? value : half);
    }
}
