package io.djlnpu.q4nx;

import static io.djlnpu.q4nx.Q4nxFormat.GROUP_COLUMNS;
import static io.djlnpu.q4nx.Q4nxFormat.MAX_CODE;

import io.djlnpu.numeric.Bfloat16;
import io.djlnpu.numeric.Float16;

/**
 * FastFlowLM's own quantiser, to the byte: weights rounded to bf16, codes against the unrounded
 * range, then scale and min rounded to binary16 and from there to bf16.
 *
 * <p>It departs from the converter in one case: where binary16 would overflow to infinity, scale
 * and min are rounded to bf16 directly, so that no weight becomes NaN.
 */
final class MinMaxQuantizer implements GroupQuantizer {

    @Override
    public int quantize(float[] weights, int offset, byte[] codes) {
        float min = Float.POSITIVE_INFINITY;
        float max = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < GROUP_COLUMNS; i++) {
            float w = Bfloat16.round(weights[offset + i]);
            min = Math.min(min, w);
            max = Math.max(max, w);
        }
        float scale = (max - min) / MAX_CODE;
        float inverse = scale == 0 ? 0 : 1 / scale;
        for (int i = 0; i < GROUP_COLUMNS; i++) {
            float w = Bfloat16.round(weights[offset + i]);
            codes[i] = (byte) Math.clamp((int) ((w - min) * inverse + 0.5f), 0, MAX_CODE);
        }
        return GroupQuantizer.pair(narrow(scale), narrow(min));
    }

    private static short narrow(float value) {
        float half = Float16.round(value);
        return Bfloat16.fromFloat(Float.isInfinite(half) ? value : half);
    }
}
