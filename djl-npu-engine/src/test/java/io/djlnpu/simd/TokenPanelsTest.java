package io.djlnpu.simd;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.djlnpu.numeric.Bfloat16;
import io.djlnpu.simd.TokenPanels.Finish;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The best provider against the plain one, to the bit, and against double precision. */
class TokenPanelsTest {

    private static final int TOKENS = TokenPanels.TOKENS;
    private final TokenPanels best = SimdProvider.best().tokenPanels();
    private final int rows = best.tileRows();
    private final TokenPanels scalar = new ScalarTokenPanels(rows);
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
    @CsvSource({"1,1", "20,2", "72,3", "256,1", "588,2"})
    void multiplies(int columns, int count) {
        int step = columns * rows + 2;
        MemorySegment panel = segment(gaussian((columns + 1) * TOKENS));
        MemorySegment tiles = segment(gaussian(3 + count * step));
        float[] start = gaussian(5 + count * rows * TOKENS + 1);
        MemorySegment fast = segment(start);
        MemorySegment plain = segment(start);
        best.multiplyAdd(panel, TOKENS, columns, tiles, 3, step, count, fast, 5);
        scalar.multiplyAdd(panel, TOKENS, columns, tiles, 3, step, count, plain, 5);
        assertThat(floats(fast)).containsExactly(floats(plain));
        for (int row = 0; row < count * rows; row++) {
            for (int t = 0; t < TOKENS; t++) {
                int at = 5 + row * TOKENS + t;
                double sum = start[at];
                for (int c = 0; c < columns; c++) {
                    int weight = 3 + row / rows * step + c * rows + row % rows;
                    sum +=
                            (double) panel.getAtIndex(JAVA_FLOAT, (c + 1L) * TOKENS + t)
                                    * tiles.getAtIndex(JAVA_FLOAT, weight);
                }
                assertThat((double) fast.getAtIndex(JAVA_FLOAT, at)).isCloseTo(sum, within(1e-4));
            }
        }
        assertThat(Arrays.copyOf(floats(fast), 5)).containsExactly(Arrays.copyOf(start, 5));
        assertThat(floats(fast)[start.length - 1]).isEqualTo(start[start.length - 1]);
    }

    @Test
    void refusesWhatDoesNotHoldTheProduct() {
        MemorySegment panel = segment(new float[4 * TOKENS]);
        MemorySegment tiles = segment(new float[2 * 4 * rows]);
        MemorySegment sums = segment(new float[2 * rows * TOKENS]);
        for (TokenPanels panels : new TokenPanels[] {best, scalar}) {
            panels.multiplyAdd(panel, 0, 4, tiles, 0, 4L * rows, 2, sums, 0);
            assertThatThrownBy(() -> panels.multiplyAdd(panel, TOKENS, 4, tiles, 0, 0, 1, sums, 0))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(
                            () -> panels.multiplyAdd(panel, 0, 4, tiles, 1, 4L * rows, 2, sums, 0))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(
                            () -> panels.multiplyAdd(panel, 0, 4, tiles, 0, 4L * rows, 2, sums, 1))
                    .isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    private static org.assertj.core.data.Offset<Double> within(double value) {
        return org.assertj.core.api.Assertions.within(value);
    }

    @ParameterizedTest
    @ValueSource(ints = {5, 16, 256})
    void packsWithoutChangingAValue(int columns) {
        MemorySegment matrix = arena.allocate(2L * (rows + 1) * columns);
        float[] expected = new float[2 + columns * rows];
        MemorySegment tile = segment(new float[expected.length]);
        for (int r = 0; r < rows; r++) {
            long row = 2L * (r + 1) * columns;
            for (int c = 0; c < columns; c++) {
                short bits = Bfloat16.fromFloat((float) random.nextGaussian());
                matrix.set(Bfloat16.LAYOUT, row + 2L * c, bits);
                expected[2 + c * rows + r] = Bfloat16.toFloat(bits);
            }
            best.pack(matrix, row, columns, tile, 2 + r);
        }
        assertThat(floats(tile)).containsExactly(expected);
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
            best.finish(segment(sums), 7, 3, bias, 2, finish, narrow, fast, TOKENS);
            scalar.finish(segment(sums), 7, 3, bias, 2, finish, narrow, plain, TOKENS);
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
        int outputs = 20;
        float scale = 0.3f;
        float[] first = gaussian(5 * TOKENS);
        float[] second = gaussian(keys * TOKENS);
        for (int i = 0; i < second.length; i++) {
            second[i] *= 40;
        }
        MemorySegment values = segment(gaussian((5 + keys) * rows));
        float[][] results = new float[2][];
        for (TokenPanels panels : new TokenPanels[] {best, scalar}) {
            float[] state = new float[TokenPanels.STATE_FLOATS];
            Arrays.fill(state, 0, TOKENS, Float.NEGATIVE_INFINITY);
            MemorySegment output = segment(new float[Math.ceilDiv(outputs, rows) * rows * TOKENS]);
            MemorySegment weights = segment(first);
            panels.absorb(weights, 5, scale, state, output, outputs);
            panels.multiplyAdd(weights, 0, 5, values, 0, 0, 1, output, 0);
            weights = segment(second);
            panels.absorb(weights, keys, scale, state, output, outputs);
            panels.multiplyAdd(weights, 0, keys, values, 5L * rows, 0, 1, output, 0);
            MemorySegment y = segment(poisoned(outputs * TOKENS));
            panels.normalize(output, outputs, state, false, y, 0);
            results[panels == best ? 0 : 1] = floats(y);
        }
        assertThat(results[0]).containsExactly(results[1]);
        for (int t = 0; t < TOKENS; t++) {
            double maximum = Double.NEGATIVE_INFINITY;
            for (int k = 0; k < 5 + keys; k++) {
                maximum = Math.max(maximum, scale * score(first, second, k, t));
            }
            double total = 0;
            double[] expected = new double[rows];
            for (int k = 0; k < 5 + keys; k++) {
                double weight = Math.exp(scale * score(first, second, k, t) - maximum);
                total += weight;
                for (int r = 0; r < rows; r++) {
                    expected[r] += weight * values.getAtIndex(JAVA_FLOAT, k * rows + r);
                }
            }
            for (int r = 0; r < rows; r++) {
                assertThat((double) results[0][r * TOKENS + t])
                        .isCloseTo(expected[r] / total, within(1e-5));
            }
        }
    }

    private static double score(float[] first, float[] second, int key, int token) {
        return key < 5 ? first[key * TOKENS + token] : second[(key - 5) * TOKENS + token];
    }
}
