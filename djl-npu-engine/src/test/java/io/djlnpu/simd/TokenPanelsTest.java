package io.djlnpu.simd;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;

import io.djlnpu.numeric.Bfloat16;
import io.djlnpu.simd.TokenPanels.Finish;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The best provider against the plain one, to the bit, and against double precision. */
class TokenPanelsTest {

    private static final int TOKENS = TokenPanels.TOKENS;
    private static final int ROWS = TokenPanels.ROWS;

    private final TokenPanels best = SimdProvider.best().tokenPanels();
    private final TokenPanels scalar = SimdProvider.scalar().tokenPanels();
    private final Arena arena = Arena.ofAuto();
    private final Random random = new Random(7);

    private MemorySegment segment(float[] values) {
        MemorySegment segment = arena.allocate(4L * values.length, 64);
        MemorySegment.copy(values, 0, segment, JAVA_FLOAT, 0, values.length);
        return segment;
    }

    private static float[] floats(MemorySegment segment) {
        return segment.toArray(JAVA_FLOAT);
    }

    private float[] gaussian(int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    private static float[] poisoned(int count) {
        float[] values = new float[count];
        Arrays.fill(values, Float.NaN);
        return values;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 20, 72, 256, 588})
    void multiplies(int columns) {
        MemorySegment panel = segment(gaussian((columns + 1) * TOKENS));
        float[] tile = gaussian(3 + columns * ROWS);
        float[] start = gaussian(5 + ROWS * TOKENS);
        float[] fast = start.clone();
        float[] plain = start.clone();
        best.multiplyAdd(panel, TOKENS, columns, tile, 3, fast, 5);
        scalar.multiplyAdd(panel, TOKENS, columns, tile, 3, plain, 5);
        assertThat(fast).containsExactly(plain);
        for (int r = 0; r < ROWS; r++) {
            for (int t = 0; t < TOKENS; t++) {
                double sum = start[5 + r * TOKENS + t];
                for (int c = 0; c < columns; c++) {
                    sum +=
                            (double) panel.getAtIndex(JAVA_FLOAT, (c + 1L) * TOKENS + t)
                                    * tile[3 + c * ROWS + r];
                }
                assertThat((double) fast[5 + r * TOKENS + t]).isCloseTo(sum, within(1e-4));
            }
        }
    }

    private static org.assertj.core.data.Offset<Double> within(double value) {
        return org.assertj.core.api.Assertions.within(value);
    }

    @ParameterizedTest
    @ValueSource(ints = {5, 16, 256})
    void packsWithoutChangingAValue(int columns) {
        MemorySegment matrix = arena.allocate(2L * (ROWS + 1) * columns);
        float[] expected = new float[2 + columns * ROWS];
        for (int r = 0; r < ROWS; r++) {
            for (int c = 0; c < columns; c++) {
                short bits = Bfloat16.fromFloat((float) random.nextGaussian());
                matrix.set(Bfloat16.LAYOUT, 2L * (columns + r * columns + c), bits);
                expected[2 + c * ROWS + r] = Bfloat16.toFloat(bits);
            }
        }
        float[] tile = new float[expected.length];
        best.pack(matrix, 2L * columns, columns, tile, 2);
        assertThat(tile).containsExactly(expected);
    }

    @ParameterizedTest
    @EnumSource(Finish.class)
    void finishes(Finish finish) {
        float[] sums = gaussian(7 + 3 * TOKENS);
        float[] bias = gaussian(5);
        float[] before = gaussian(4 * TOKENS);
        for (boolean narrow : new boolean[] {false, true}) {
            MemorySegment fast = segment(before);
            MemorySegment plain = segment(before);
            best.finish(sums, 7, 3, bias, 2, finish, narrow, fast, TOKENS);
            scalar.finish(sums, 7, 3, bias, 2, finish, narrow, plain, TOKENS);
            assertThat(floats(fast)).containsExactly(floats(plain));
            for (int i = 0; i < 3 * TOKENS; i++) {
                double x = (double) sums[7 + i] + bias[2 + i / TOKENS];
                double u = Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x);
                double expected =
                        switch (finish) {
                            case STORE -> x;
                            case GELU -> 0.5 * x * (1 + Math.tanh(u));
                            case ADD -> before[TOKENS + i] + x;
                        };
                assertThat((double) fast.getAtIndex(JAVA_FLOAT, TOKENS + i))
                        .isCloseTo(expected, within(narrow ? 4e-2 : 1e-5));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"1,false", "60,false", "1152,false", "60,true"})
    void normalises(int width, boolean narrow) {
        MemorySegment x = segment(gaussian((width + 1) * TOKENS));
        float[] weight = gaussian(width);
        float[] bias = gaussian(width);
        MemorySegment fast = segment(poisoned(width * TOKENS));
        MemorySegment plain = segment(poisoned(width * TOKENS));
        best.layerNorm(x, TOKENS, weight, bias, 1e-6f, narrow, fast, 0);
        scalar.layerNorm(x, TOKENS, weight, bias, 1e-6f, narrow, plain, 0);
        assertThat(floats(fast)).containsExactly(floats(plain));
        for (int t = 0; t < TOKENS; t++) {
            double mean = 0;
            double squares = 0;
            for (int c = 0; c < width; c++) {
                double value = x.getAtIndex(JAVA_FLOAT, (c + 1L) * TOKENS + t);
                mean += value / width;
                squares += value * value / width;
            }
            double root = Math.sqrt(Math.max(0, squares - mean * mean) + 1e-6);
            for (int c = 0; c < width; c++) {
                double value = x.getAtIndex(JAVA_FLOAT, (c + 1L) * TOKENS + t);
                assertThat((double) fast.getAtIndex(JAVA_FLOAT, (long) c * TOKENS + t))
                        .isCloseTo(
                                (value - mean) / root * weight[c] + bias[c],
                                within(narrow ? 5e-2 : 1e-4));
            }
        }
    }

    /** Two runs of unequal length, the second with scores far above the first's. */
    @ParameterizedTest
    @ValueSource(ints = {1, 31, 128})
    void attendsRunByRun(int keys) {
        int rows = 20;
        float scale = 0.3f;
        float[] first = gaussian(5 * TOKENS);
        float[] second = gaussian(keys * TOKENS);
        for (int i = 0; i < second.length; i++) {
            second[i] *= 40;
        }
        float[] values = gaussian((5 + keys) * ROWS);
        float[][] results = new float[2][];
        for (TokenPanels panels : new TokenPanels[] {best, scalar}) {
            float[] state = new float[TokenPanels.STATE_FLOATS];
            Arrays.fill(state, 0, TOKENS, Float.NEGATIVE_INFINITY);
            float[] output = new float[Math.ceilDiv(rows, ROWS) * ROWS * TOKENS];
            MemorySegment weights = segment(poisoned(128 * TOKENS));
            panels.absorb(first, 5, scale, state, weights, output, rows);
            panels.multiplyAdd(weights, 0, 5, values, 0, output, 0);
            panels.absorb(second, keys, scale, state, weights, output, rows);
            panels.multiplyAdd(weights, 0, keys, values, 5 * ROWS, output, 0);
            MemorySegment y = segment(poisoned(rows * TOKENS));
            panels.normalize(output, rows, state, false, y, 0);
            results[panels == best ? 0 : 1] = floats(y);
        }
        assertThat(results[0]).containsExactly(results[1]);
        for (int t = 0; t < TOKENS; t++) {
            double maximum = Double.NEGATIVE_INFINITY;
            for (int k = 0; k < 5 + keys; k++) {
                maximum = Math.max(maximum, scale * score(first, second, k, t));
            }
            double total = 0;
            double[] expected = new double[ROWS];
            for (int k = 0; k < 5 + keys; k++) {
                double weight = Math.exp(scale * score(first, second, k, t) - maximum);
                total += weight;
                for (int r = 0; r < ROWS; r++) {
                    expected[r] += weight * values[k * ROWS + r];
                }
            }
            for (int r = 0; r < ROWS; r++) {
                assertThat((double) results[0][r * TOKENS + t])
                        .isCloseTo(expected[r] / total, within(1e-5));
            }
        }
    }

    private static double score(float[] first, float[] second, int key, int token) {
        return key < 5 ? first[key * TOKENS + token] : second[(key - 5) * TOKENS + token];
    }
}
