package io.djlnpu.machine;

import static org.assertj.core.api.Assertions.assertThat;

import io.djlnpu.aie2p.BlockFloat;
import io.djlnpu.aie2p.ScoreRound;
import io.djlnpu.aie2p.ValueRound;
import io.djlnpu.tile.NpuDevice;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FlowKvDesignTest {

    private static final int[][] SPANS = {
        {0, 1}, {0, 15}, {0, 16}, {0, 17}, {3, 40}, {0, 48}, {30, 70}, {95, 100}, {60, 108}
    };

    /** Rings of 48 keys, so that later spans pass the end. */
    @ParameterizedTest
    @CsvSource({
        "64, 1, 1",
        "64, 2, 2",
        "64, 2, 4",
        "64, 4, 1",
        "128, 8, 2",
        "128, 1, 8",
        "256, 1, 4",
        "256, 4, 2",
        "64, 9, 1",
        "64, 3, 3",
        "256, 2, 1"
    })
    void attendsFromTheOldestKey(int headDim, int kvHeads, int group) {
        int capacity = 48;
        int width = kvHeads * headDim;
        Samples samples = new Samples(width + group);
        float[] q = samples.bf16(group * width);
        float[] k = samples.bf16(capacity * width);
        float[] v = samples.bf16(capacity * width);
        for (int[] span : SPANS) {
            Region keys = Memory.ddr("keys", 2 * k.length);
            Region values = Memory.ddr("values", 2 * v.length);
            float[] expected = new float[q.length];
            // what no visible key wrote stays poisoned
            for (int p = span[0]; p < span[1]; p++) {
                int slot = p % capacity * width;
                keys.put(2 * slot, Samples.bytes(k), 2 * slot, 2 * width);
                values.put(2 * slot, Samples.bytes(v), 2 * slot, 2 * width);
            }
            for (int h = 0; h < kvHeads * group; h++) {
                ScoreRound score = new ScoreRound(q, h * headDim, headDim);
                ValueRound value = new ValueRound(headDim);
                for (int p = span[0]; p < span[1]; p += 16) {
                    float[] keyRows = rows(k, p, span[1], capacity, width, h / group, headDim);
                    float[] valueRows = rows(v, p, span[1], capacity, width, h / group, headDim);
                    float[] weights = new float[16];
                    byte[] blocks = BlockFloat.encode(keyRows, 0, keyRows.length);
                    score.weigh(blocks, Math.min(16, span[1] - p), weights);
                    value.add(weights, score.correction(), ValueRound.encode(valueRows, headDim));
                }
                value.finish(expected, h * headDim);
            }
            Region result = Memory.ddr("result", 2 * q.length);
            Region query = Samples.ddr("query", q);
            KernelRun run =
                    KernelRun.of(
                            NpuDevice.KRACKAN,
                            new FlowKvDesign(
                                    query, keys, values, result, kvHeads, headDim, span[0],
                                    span[1]));
            assertThat(Samples.content(result)).isEqualTo(Samples.bytes(expected));
            assertThat(run.traffic().readFrom(Memory.Level.DDR))
                    .isEqualTo(2L * q.length + 4L * (span[1] - span[0]) * width);
        }
    }

    private static float[] rows(
            float[] cache, int first, int end, int capacity, int width, int kvHead, int headDim) {
        float[] rows = new float[16 * headDim];
        for (int i = 0; i < 16 && first + i < end; i++) {
            int at = (first + i) % capacity * width + kvHead * headDim;
            System.arraycopy(cache, at, rows, i * headDim, headDim);
        }
        return rows;
    }
}
