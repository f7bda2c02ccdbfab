package io.djlnpu.aie2p;

import static io.djlnpu.aie2p.Golden.same;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AttentionGoldensTest {

    @ParameterizedTest
    @CsvSource({
        "attn_decode_tiny_dh64, 4, 2, 64, 37",
        "attn_decode_dh256_gqa2, 8, 4, 256, 50",
        "attn_decode_dh256_mqa4, 4, 1, 256, 16",
        "attn_decode_dh64_one_key, 4, 2, 64, 1",
        "attn_decode_peaked, 4, 2, 64, 64"
    })
    void decodeRoundByRound(String name, int heads, int kvHeads, int headDim, int valid)
            throws Exception {
        try (Golden golden = new Golden(name)) {
            float[] q = golden.floats("q");
            float[] k = golden.floats("k");
            float[] v = golden.floats("v");
            int rounds = Math.ceilDiv(valid, 16);
            float[] output = new float[headDim];
            float[] weights = new float[16];
            for (int h = 0; h < heads; h++) {
                ScoreRound score = new ScoreRound(q, h * headDim, headDim);
                ValueRound value = new ValueRound(headDim);
                for (int r = 0; r < rounds; r++) {
                    int kvHead = h / (heads / kvHeads);
                    float[] keys = rows(k, r * 16, 16, kvHead, kvHeads, headDim);
                    float[] values = rows(v, r * 16, 16, kvHead, kvHeads, headDim);
                    int visible = Math.min(16, valid - r * 16);
                    score.weigh(BlockFloat.encode(keys, 0, keys.length), visible, weights);
                    value.add(weights, score.correction(), ValueRound.encode(values, headDim));
                    String at = " of head " + h + " round " + r;
                    int index = h * rounds + r;
                    for (int i = 0; i < 16; i++) {
                        int key = index * 16 + i;
                        same("weight" + at, weights[i], golden.floats("p_bf16")[key]);
                        if (i < visible) {
                            same("score" + at, score.score(i), golden.floats("scores_bf16")[key]);
                        }
                    }
                    same(
                            "correction" + at,
                            score.correction(),
                            golden.floats("correction_f32")[index]);
                    same("max" + at, score.maximum(), golden.floats("running_max_bf16")[index]);
                    same("sum" + at, value.denominator(), golden.floats("denominator_f32")[index]);
                }
                value.finish(output, 0);
                for (int d = 0; d < headDim; d++) {
                    same("y", value.sum(d), golden.floats("y_f32")[h * headDim + d]);
                    same("o", output[d], golden.floats("o")[h * headDim + d]);
                }
            }
        }
    }

    /** The device against the same reference: 0.008 to 0.009 in the mean, 0.15 at worst. */
    @ParameterizedTest
    @CsvSource({
        "attn_prefill_causal_dh64, 4, 2, 64, 0, 96, 1000000",
        "attn_prefill_window64_dh64, 4, 2, 64, 32, 128, 64",
        "attn_prefill_window16_dh256, 4, 1, 256, 0, 48, 16"
    })
    void prefillIsAsCloseAsTheDevice(
            String name, int heads, int kvHeads, int headDim, int begin, int end, int window)
            throws Exception {
        try (Golden golden = new Golden(name)) {
            float[] q = golden.floats("q");
            float[] k = golden.floats("k");
            float[] v = golden.floats("v");
            float[] expected = golden.floats("o_f32");
            double total = 0;
            double worst = 0;
            float[] output = new float[headDim];
            for (int h = 0; h < heads; h++) {
                int kvHead = h / (heads / kvHeads);
                float[] keys = rows(k, 0, 128, kvHead, kvHeads, headDim);
                byte[] keyBlocks = BlockFloat.encode(keys, 0, keys.length);
                float[] scores = new float[128];
                for (int p = begin; p < end; p++) {
                    int at = ((p - begin) * heads + h) * headDim;
                    BlockWeights query = new BlockWeights(q, at, headDim);
                    for (int key = 0; key < 128; key++) {
                        scores[key] = query.score(keyBlocks, key);
                    }
                    query.weigh(scores, Math.max(0, p - window + 1), p + 1);
                    BlockValues value = new BlockValues(headDim);
                    value.begin(scores, query.correction());
                    for (int key = 0; key < 128; key += 16) {
                        float[] values = rows(v, key, 16, kvHead, kvHeads, headDim);
                        value.add(key, ValueRound.encode(values, headDim));
                    }
                    value.finish(output, 0);
                    for (int d = 0; d < headDim; d++) {
                        double error = Math.abs(output[d] - expected[at + d]);
                        total += error;
                        worst = Math.max(worst, error);
                    }
                }
            }
            assertThat(total / expected.length).isLessThan(0.012);
            assertThat(worst).isLessThan(0.15);
        }
    }

    /** Keys or values of a head; zeros beyond the last. */
    private static float[] rows(
            float[] cache, int first, int count, int kvHead, int kvHeads, int headDim) {
        float[] rows = new float[count * headDim];
        for (int i = 0; i < count; i++) {
            int at = ((first + i) * kvHeads + kvHead) * headDim;
            if (at < cache.length) {
                System.arraycopy(cache, at, rows, i * headDim, headDim);
            }
        }
        return rows;
    }
}
