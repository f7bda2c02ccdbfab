package io.djlnpu.machine;

import static org.assertj.core.api.Assertions.assertThat;

import io.djlnpu.aie2p.BlockFloat;
import io.djlnpu.aie2p.BlockValues;
import io.djlnpu.aie2p.BlockWeights;
import io.djlnpu.aie2p.ValueRound;
import io.djlnpu.tile.NpuDevice;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FlowQkvDesignTest {

    private static final int ALL = Integer.MAX_VALUE;

    @ParameterizedTest
    @CsvSource({
        "1, 0, 1, 1, 64, " + ALL + ", true",
        "1, 130, 2, 1, 64, " + ALL + ", true",
        "16, 0, 4, 2, 64, " + ALL + ", true",
        "17, 0, 4, 1, 64, " + ALL + ", true",
        "40, 100, 2, 2, 64, " + ALL + ", true",
        "33, 140, 2, 1, 128, " + ALL + ", true",
        "20, 0, 2, 1, 256, 16, true",
        "40, 120, 3, 1, 64, 16, true",
        "30, 260, 2, 2, 64, 128, true",
        "30, 260, 2, 2, 64, 129, true",
        "19, 300, 1, 1, 64, 1, true",
        "50, 0, 2, 2, 64, " + ALL + ", false",
        "140, 0, 1, 1, 64, " + ALL + ", false"
    })
    void attends(
            int tokens, int past, int heads, int kvHeads, int headDim, int window, boolean causal) {
        int positions = past + tokens;
        int width = kvHeads * headDim;
        Samples samples = new Samples(tokens + positions);
        float[] q = samples.bf16(tokens * heads * headDim);
        float[] k = samples.bf16(positions * width);
        float[] v = samples.bf16(positions * width);
        float[] expected = new float[q.length];
        for (int t = 0; t < tokens; t++) {
            // blocks begin where those of the first query beside it do
            int together = t / 16 * 16;
            int last = Math.min(tokens, together + 16);
            int begin = causal ? (int) Math.max(0, past + together + 1L - window) / 128 * 128 : 0;
            int blocksEnd = causal ? past + last : positions;
            int from = causal ? (int) Math.max(0, past + t + 1L - window) : 0;
            int end = causal ? past + t + 1 : positions;
            for (int h = 0; h < heads; h++) {
                int at = (t * heads + h) * headDim;
                BlockWeights query = new BlockWeights(q, at, headDim);
                BlockValues value = new BlockValues(headDim);
                for (int p = begin; p < blocksEnd; p += 128) {
                    int kvHead = h / (heads / kvHeads);
                    float[] keys = rows(k, p, 128, width, kvHead, headDim);
                    byte[] blocks = BlockFloat.encode(keys, 0, keys.length);
                    float[] scores = new float[128];
                    int to = Math.clamp(end - p, 0, 128);
                    int first = Math.clamp(from - p, 0, to);
                    for (int key = first; key < to; key++) {
                        scores[key] = query.score(blocks, key);
                    }
                    query.weigh(scores, first, to);
                    value.begin(scores, query.correction());
                    for (int key = 0; key < 128 && p + key < blocksEnd; key += 16) {
                        int left = Math.min(16, blocksEnd - p - key);
                        float[] sixteen = new float[16 * headDim];
                        float[] some = rows(v, p + key, left, width, kvHead, headDim);
                        System.arraycopy(some, 0, sixteen, 0, some.length);
                        value.add(key, ValueRound.encode(sixteen, headDim));
                    }
                }
                value.finish(expected, at);
            }
        }
        Region result = Memory.ddr("result", 2 * q.length);
        KernelRun.of(
                NpuDevice.KRACKAN,
                new FlowQkvDesign(
                        Samples.ddr("queries", q),
                        Samples.ddr("keys", k),
                        Samples.ddr("values", v),
                        result,
                        heads,
                        kvHeads,
                        headDim,
                        past,
                        window,
                        causal,
                        16));
        assertThat(Samples.content(result)).isEqualTo(Samples.bytes(expected));
    }

    private static float[] rows(
            float[] cache, int first, int count, int width, int kvHead, int headDim) {
        float[] rows = new float[count * headDim];
        for (int i = 0; i < count && (first + i) * width < cache.length; i++) {
            int at = (first + i) * width + kvHead * headDim;
            System.arraycopy(cache, at, rows, i * headDim, headDim);
        }
        return rows;
    }
}
