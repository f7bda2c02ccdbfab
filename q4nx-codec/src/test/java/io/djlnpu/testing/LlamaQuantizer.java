package io.djlnpu.testing;

import io.djlnpu.numeric.Float16;

/** llama.cpp's reference quantisers Q4_1 and Q5_1, from which the goldens were made. */
public final class LlamaQuantizer {

    private final int maxCode;

    /** Codes of one group. */
    public final byte[] codes = new byte[32];

    /** Scale of the group, rounded to binary16. */
    public float scale;

    /** Min of the group, rounded to binary16. */
    public float min;

    /** Constructs Q4_1 (15) or Q5_1 (31). */
    public LlamaQuantizer(int maxCode) {
        this.maxCode = maxCode;
    }

    /** Quantises 32 values. */
    public void quantize(float[] weights, int offset) {
        float low = Float.MAX_VALUE;
        float high = -Float.MAX_VALUE;
        for (int i = 0; i < 32; i++) {
            float w = weights[offset + i];
            low = Math.min(low, w);
            high = Math.max(high, w);
        }
        float d = (high - low) / maxCode;
        float inverse = d == 0 ? 0 : 1 / d;
        for (int i = 0; i < 32; i++) {
            int code = (int) ((weights[offset + i] - low) * inverse + 0.5f);
            codes[i] = (byte) (maxCode == 15 ? Math.min(15, (byte) code) : code);
        }
        scale = Float16.round(d);
        min = Float16.round(low);
    }
}
