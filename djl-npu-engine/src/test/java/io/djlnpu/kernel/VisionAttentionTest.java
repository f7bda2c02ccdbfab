package io.djlnpu.kernel;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.djlnpu.simd.SimdProvider;
import io.djlnpu.simd.TokenPanels;
import io.djlnpu.tile.NpuDevice;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Attention without a mask, at awkward sizes; needles show a key lost at an edge. */
class VisionAttentionTest {

    private final Random random = new Random(3);

    private static long place(int token, int column, int width) {
        return ((long) (token / TokenPanels.TOKENS) * width + column) * TokenPanels.TOKENS
                + token % TokenPanels.TOKENS;
    }

    private static void put(MemorySegment x, int token, int column, int width, float value) {
        x.setAtIndex(JAVA_FLOAT, place(token, column, width), value);
    }

    private MemorySegment fill(KernelContext context, int tokens, int width, boolean poisoned) {
        int padded = Math.ceilDiv(tokens, TokenPanels.TOKENS) * TokenPanels.TOKENS;
        MemorySegment x = context.floats((long) padded * width);
        for (int t = 0; t < padded; t++) {
            for (int i = 0; i < width; i++) {
                // what lies behind the last token must not be seen: large, so that it would be
                float value = t < tokens ? (float) random.nextGaussian() : poisoned ? 50 : 0;
                put(x, t, i, width, value);
            }
        }
        return x;
    }

    @ParameterizedTest
    @CsvSource({"1,1,8", "33,2,20", "64,4,32", "129,1,72", "300,3,72", "144,2,13"})
    void everyQuerySeesEveryKey(int tokens, int heads, int headDim) {
        int width = heads * headDim;
        try (TileExecutor executor = new TileExecutor(3);
                Arena arena = Arena.ofShared()) {
            KernelContext context =
                    new KernelContext(
                            NpuDevice.KRACKAN, executor, SimdProvider.best(), false, arena);
            MemorySegment q = fill(context, tokens, width, false);
            MemorySegment k = fill(context, tokens, width, true);
            MemorySegment v = fill(context, tokens, width, true);
            for (int needle : new int[] {0, tokens - 1}) {
                for (int i = 0; i < width; i++) {
                    float value = q.getAtIndex(JAVA_FLOAT, place(tokens / 2, i, width));
                    put(k, needle, i, width, 3 * value);
                    put(v, needle, i, width, 10);
                }
            }
            double[][] expected = reference(q, k, v, tokens, heads, headDim);
            VisionAttention attention = new VisionAttention(context, tokens, heads, headDim);
            attention.run(q, k, v, q);
            for (int t = 0; t < tokens; t++) {
                for (int i = 0; i < width; i++) {
                    assertThat((double) q.getAtIndex(JAVA_FLOAT, place(t, i, width)))
                            .as("token %d, column %d", t, i)
                            .isCloseTo(expected[t][i], within(1e-4));
                }
            }
        }
    }

    private static double[][] reference(
            MemorySegment q, MemorySegment k, MemorySegment v, int tokens, int heads, int headDim) {
        int width = heads * headDim;
        double[][] y = new double[tokens][width];
        for (int t = 0; t < tokens; t++) {
            for (int h = 0; h < width; h += headDim) {
                double total = 0;
                for (int j = 0; j < tokens; j++) {
                    double score = 0;
                    for (int d = h; d < h + headDim; d++) {
                        score +=
                                (double) q.getAtIndex(JAVA_FLOAT, place(t, d, width))
                                        * k.getAtIndex(JAVA_FLOAT, place(j, d, width));
                    }
                    double weight = Math.exp(score / Math.sqrt(headDim));
                    total += weight;
                    for (int d = h; d < h + headDim; d++) {
                        y[t][d] += weight * v.getAtIndex(JAVA_FLOAT, place(j, d, width));
                    }
                }
                for (int d = h; d < h + headDim; d++) {
                    y[t][d] /= total;
                }
            }
        }
        return y;
    }
}
