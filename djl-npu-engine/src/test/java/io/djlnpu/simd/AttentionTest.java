package io.djlnpu.simd;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.djlnpu.numeric.Bfloat16;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The steps of attention: the best provider to the bits of the plain one, both against doubles. */
class AttentionTest {

    private static final int TILE = Attention.TILE;
    private static final int QUERIES = Attention.QUERIES;

    private final Attention[] providers = {
        SimdProvider.best().attention(), SimdProvider.scalar().attention()
    };
    private final Arena arena = Arena.ofAuto();
    private final Random random = new Random(7);

    private MemorySegment gaussian(int count) {
        MemorySegment segment = arena.allocate(4L * count, 64);
        for (int i = 0; i < count; i++) {
            segment.setAtIndex(JAVA_FLOAT, i, (float) random.nextGaussian());
        }
        return segment;
    }

    private MemorySegment poisoned(int count) {
        return arena.allocate(4L * count, 64).fill((byte) 0x7f);
    }

    private static float at(MemorySegment segment, long index) {
        return segment.getAtIndex(JAVA_FLOAT, index);
    }

    @Test
    void wideningIsExact() {
        int rows = 5;
        MemorySegment narrow = arena.allocate(2L * (rows + 1) * TILE, 64);
        for (int i = 0; i < (rows + 1) * TILE; i++) {
            narrow.set(Bfloat16.LAYOUT, 2L * i, Bfloat16.fromFloat((float) random.nextGaussian()));
        }
        for (Attention attention : providers) {
            MemorySegment wide = poisoned((rows + 1) * TILE);
            attention.widen(narrow, TILE, rows, wide);
            for (int i = 0; i < rows * TILE; i++) {
                assertThat(at(wide, i))
                        .isEqualTo(Bfloat16.toFloat(narrow.get(Bfloat16.LAYOUT, 2L * (TILE + i))));
            }
            assertThat(wide.getAtIndex(JAVA_FLOAT, rows * TILE))
                    .isEqualTo(poisoned(1).getAtIndex(JAVA_FLOAT, 0));
        }
    }

    @ParameterizedTest
    @CsvSource({"64,0,64,false", "64,0,64,true", "1,3,5,false", "63,17,64,true", "0,0,64,true"})
    void multiply(int rows, int first, int end, boolean add) {
        MemorySegment tile = gaussian(2 * TILE * TILE);
        MemorySegment factors = gaussian(2 * Attention.ROWS_FLOATS);
        MemorySegment before = gaussian(Attention.ROWS_FLOATS + 1);
        float[][] results = new float[2][];
        for (int p = 0; p < 2; p++) {
            MemorySegment sums = poisoned(Attention.ROWS_FLOATS + 1).copyFrom(before);
            providers[p].multiply(tile, TILE, rows, first, end, factors, 2, sums, 1, add);
            assertThat(at(sums, 0)).isEqualTo(at(before, 0));
            float[] wanted = new float[QUERIES * (end - first)];
            for (int q = 0; q < QUERIES; q++) {
                for (int c = first; c < end; c++) {
                    double sum = add ? at(before, 1 + q * TILE + c) : 0;
                    for (int r = 0; r < rows; r++) {
                        sum +=
                                (double) at(tile, TILE + r * TILE + c)
                                        * at(factors, 2 + q * TILE + r);
                    }
                    float actual = at(sums, 1 + q * TILE + c);
                    assertThat((double) actual).isCloseTo(sum, within(3e-5));
                    wanted[q * (end - first) + c - first] = actual;
                }
            }
            results[p] = wanted;
        }
        assertThat(results[0]).as("the same bits from every provider").isEqualTo(results[1]);
    }

    @ParameterizedTest
    @CsvSource({"0,64", "0,1", "63,64", "5,40", "7,7", "10,-3", "70,64"})
    void weigh(int from, int end) {
        MemorySegment scores = gaussian(Attention.RUN_FLOATS);
        // what a query does not see may be anything, a number above all others included
        for (int key = 0; key < TILE; key++) {
            if (key < from || key >= end) {
                scores.setAtIndex(JAVA_FLOAT, 2 * TILE + key, key % 2 == 0 ? Float.NaN : 1e30f);
            }
        }
        float[][] results = new float[2][];
        for (int p = 0; p < 2; p++) {
            MemorySegment run = poisoned(Attention.RUN_FLOATS).copyFrom(scores);
            providers[p].weigh(run, 0, 2, from, end);
            double maximum = Double.NEGATIVE_INFINITY;
            for (int key = from; key < end; key++) {
                maximum = Math.max(maximum, at(scores, 2 * TILE + key));
            }
            double total = 0;
            for (int key = 0; key < TILE; key++) {
                boolean seen = key >= from && key < end;
                double expected = seen ? Math.exp(at(scores, 2 * TILE + key) - maximum) : 0;
                assertThat((double) at(run, 2 * TILE + key)).isCloseTo(expected, within(1e-6));
                total += expected;
            }
            assertThat(at(run, Attention.ROWS_FLOATS + 2)).isEqualTo((float) maximum);
            assertThat((double) at(run, Attention.ROWS_FLOATS + QUERIES + 2))
                    .isCloseTo(total, within(1e-5));
            results[p] = run.toArray(JAVA_FLOAT);
        }
        assertThat(results[0]).as("the same bits from every provider").isEqualTo(results[1]);
    }

    @Test
    void aStateThatHasSeenNothingTakesARunAsItIs() {
        MemorySegment run = gaussian(Attention.RUN_FLOATS);
        MemorySegment sums = gaussian(Attention.ROWS_FLOATS);
        for (int p = 0; p < 2; p++) {
            MemorySegment state =
                    arena.allocate(4L * (Attention.STATE_HEADER + Attention.ROWS_FLOATS), 64);
            for (int q = 0; q < QUERIES; q++) {
                state.setAtIndex(JAVA_FLOAT, q, Float.NEGATIVE_INFINITY);
            }
            Attention.join(run, 0, state, 0);
            providers[p].combine(sums, 0, state, 0, Attention.STATE_HEADER);
            for (int q = 0; q < QUERIES; q++) {
                assertThat(at(state, q)).isEqualTo(at(run, Attention.ROWS_FLOATS + q));
                assertThat(at(state, QUERIES + q))
                        .isEqualTo(at(run, Attention.ROWS_FLOATS + QUERIES + q));
            }
            float[] outputs = state.toArray(JAVA_FLOAT);
            assertThat(Arrays.copyOfRange(outputs, Attention.STATE_HEADER, outputs.length))
                    .isEqualTo(sums.toArray(JAVA_FLOAT));
            // and another run of which it sees nothing changes nothing
            MemorySegment unseen = gaussian(Attention.RUN_FLOATS);
            for (int q = 0; q < QUERIES; q++) {
                providers[p].weigh(unseen, 0, q, 64, 0);
            }
            Attention.join(unseen, 0, state, 0);
            providers[p].combine(
                    arena.allocate(4L * Attention.ROWS_FLOATS),
                    0,
                    state,
                    0,
                    Attention.STATE_HEADER);
            float[] after = state.toArray(JAVA_FLOAT);
            assertThat(Arrays.copyOfRange(after, Attention.STATE_HEADER, after.length))
                    .isEqualTo(sums.toArray(JAVA_FLOAT));
            assertThat(Arrays.copyOf(after, 2 * QUERIES))
                    .isEqualTo(Arrays.copyOf(outputs, 2 * QUERIES));
            // a greater maximum decays what was there
            MemorySegment greater = gaussian(Attention.RUN_FLOATS);
            for (int q = 0; q < QUERIES; q++) {
                greater.setAtIndex(JAVA_FLOAT, Attention.ROWS_FLOATS + q, at(state, q) + q);
            }
            MemorySegment added = gaussian(Attention.ROWS_FLOATS);
            MemorySegment before = arena.allocate(state.byteSize()).copyFrom(state);
            Attention.join(greater, 0, state, 0);
            providers[p].combine(added, 0, state, 0, Attention.STATE_HEADER);
            for (int i = 0; i < Attention.ROWS_FLOATS; i++) {
                int q = i / TILE;
                double expected =
                        at(before, Attention.STATE_HEADER + i) * Math.exp(-q) + at(added, i);
                assertThat((double) at(state, Attention.STATE_HEADER + i))
                        .isCloseTo(expected, within(1e-5));
            }
        }
    }

    @Test
    void providersCombineToTheSameBits() {
        MemorySegment sums = gaussian(Attention.ROWS_FLOATS + 1);
        MemorySegment state = gaussian(Attention.STATE_HEADER + Attention.ROWS_FLOATS);
        float[][] results = new float[2][];
        for (int p = 0; p < 2; p++) {
            MemorySegment own = arena.allocate(state.byteSize(), 64).copyFrom(state);
            providers[p].combine(sums, 1, own, 0, Attention.STATE_HEADER);
            results[p] = own.toArray(JAVA_FLOAT);
        }
        assertThat(results[0]).isEqualTo(results[1]);
    }
}
