package io.djlnpu.simd;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.djlnpu.bundle.GateActivation;
import io.djlnpu.kernel.ProjectionWeights;
import io.djlnpu.numeric.Bfloat16;
import io.djlnpu.q4nx.Encoding;
import io.djlnpu.q4nx.Q4nxDecoder;
import io.djlnpu.q4nx.Q4nxEncoder;
import io.djlnpu.q4nx.Q4nxFormat;
import io.djlnpu.q4nx.Q4nxTensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The best provider against the plain one and against double precision, over odd sizes. */
class SimdProviderTest {

    private final SimdProvider best = SimdProvider.best();
    private final SimdProvider scalar = SimdProvider.scalar();
    private final Arena arena = Arena.ofAuto();
    private final Random random = new Random(7);

    private MemorySegment floats(long count) {
        return arena.allocate(4 * count, 64);
    }

    private MemorySegment gaussian(int count) {
        MemorySegment segment = floats(count);
        for (int i = 0; i < count; i++) {
            segment.setAtIndex(JAVA_FLOAT, i, (float) random.nextGaussian());
        }
        return segment;
    }

    private Q4nxTensor weights(int rows, int columns) {
        byte[] all = new byte[(int) Q4nxFormat.byteLength(rows, columns)];
        byte[] strip = new byte[(int) Q4nxFormat.byteLength(32, columns)];
        float[] values = new float[32 * columns];
        for (int r = 0; r < rows / 32; r++) {
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) random.nextGaussian();
            }
            new Q4nxEncoder(Encoding.MINMAX).encode(values, columns, strip);
            System.arraycopy(strip, 0, all, r * strip.length, strip.length);
        }
        MemorySegment data = arena.allocate(all.length, 64);
        MemorySegment.copy(all, 0, data, java.lang.foreign.ValueLayout.JAVA_BYTE, 0, all.length);
        return new Q4nxTensor("w", rows, columns, data);
    }

    private MemorySegment pack(Q4nxTensor w) {
        ProjectionWeights weights = new ProjectionWeights(w);
        MemorySegment units = arena.allocate(weights.packedBytes(), 64);
        weights.pack(0, w.rowBlocks(), units);
        return units;
    }

    @ParameterizedTest
    @CsvSource({"32,32", "64,288", "32,640"})
    void packedUnitsHoldTheSameWeights(int rows, int columns) {
        Q4nxTensor w = weights(rows, columns);
        float[] decoded = new float[rows * columns];
        Q4nxDecoder.decodeRows(w, 0, rows, decoded);
        MemorySegment units = pack(w);
        int across = PackedUnits.unitsAcross(columns);
        MemorySegment panel = floats(32 * 256);
        for (SimdProvider provider : new SimdProvider[] {best, scalar}) {
            for (int u = 0; u < rows / 32 * across; u++) {
                provider.panels()
                        .dequantize(units, (long) u * PackedUnits.UNIT_BYTES, 1, panel, false);
                for (int c = 0; c < 32; c++) {
                    for (int r = 0; r < 32; r++) {
                        assertThat(panel.getAtIndex(JAVA_FLOAT, 32L * c + r))
                                .isEqualTo(
                                        decoded[
                                                (u / across * 32 + r) * columns
                                                        + u % across * 32
                                                        + c]);
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 8, 16, 19, 100, 257})
    void theGreatestOfARowIsTheFirstAmongEquals(int length) {
        MemorySegment row = floats(length + 2);
        for (int round = 0; round < 50; round++) {
            row.fill((byte) 0x7f);
            for (int i = 1; i <= length; i++) {
                row.setAtIndex(JAVA_FLOAT, i, random.nextInt(-20, -10));
            }
            long found = best.elementwise().greatest(row, 1, length);
            assertThat(found).isEqualTo(scalar.elementwise().greatest(row, 1, length));
            for (int i = 1; i <= length; i++) {
                float value = row.getAtIndex(JAVA_FLOAT, i);
                float greatest = row.getAtIndex(JAVA_FLOAT, found);
                assertThat(value)
                        .isLessThanOrEqualTo(i < found ? Math.nextDown(greatest) : greatest);
            }
        }
    }

    @Test
    void runsOnTheVectorApiWhenTheModuleIsThere() {
        assertThat(best.name()).startsWith("vector-");
    }

    @ParameterizedTest
    @CsvSource({"32,32", "64,96", "96,640", "32,256", "64,1152", "32,2304", "544,288"})
    void matrixTimesVector(int rows, int columns) {
        Q4nxTensor w = weights(rows, columns);
        MemorySegment x = gaussian(columns);
        float[] decoded = new float[rows * columns];
        Q4nxDecoder.decodeRows(w, 0, rows, decoded);
        float[][] results = new float[2][];
        for (SimdProvider provider : new SimdProvider[] {best, scalar}) {
            MatrixVector kernel = provider.matrixVector();
            MemorySegment prepared = floats(MatrixVector.preparedLength(w.paddedColumns()));
            kernel.prepare(x, 0, columns, w.paddedColumns(), prepared);
            MemorySegment y = floats(rows + 1);
            y.fill((byte) 0x7f);
            MemorySegment scratch = floats(MatrixVector.SCRATCH_FLOATS);
            scratch.fill((byte) 0x7f);
            kernel.multiply(w.data(), 0, w.rowBlocks(), w.columnBlocks(), prepared, y, 1, scratch);
            for (int r = 0; r < rows; r++) {
                double sum = 0;
                for (int c = 0; c < columns; c++) {
                    sum += (double) decoded[r * columns + c] * x.getAtIndex(JAVA_FLOAT, c);
                }
                assertThat((double) y.getAtIndex(JAVA_FLOAT, r + 1)).isCloseTo(sum, within(2e-4));
            }
            results[provider == best ? 0 : 1] = y.toArray(JAVA_FLOAT);
            int across = PackedUnits.unitsAcross(columns);
            MemorySegment units = pack(w);
            MemorySegment packed = floats(rows + 1);
            packed.fill((byte) 0x7f);
            kernel.multiplyPacked(
                    units,
                    0,
                    w.rowBlocks(),
                    across,
                    w.paddedColumns(),
                    prepared,
                    packed,
                    1,
                    scratch);
            assertThat(packed.toArray(JAVA_FLOAT))
                    .as("the same bits from packed weights")
                    .isEqualTo(y.toArray(JAVA_FLOAT));
            for (int count = 1; count <= MatrixVector.MOST_FOURS; count++) {
                for (int place = 0; place < 4 * count; place++) {
                    MemorySegment product =
                            amongFours(kernel, w, units, columns, prepared, place, count);
                    assertThat(product.toArray(JAVA_FLOAT))
                            .as("the same bits at place %d of %d fours", place, count)
                            .isEqualTo(y.toArray(JAVA_FLOAT));
                }
            }
        }
        assertThat(results[0]).as("the same bits from every provider").isEqualTo(results[1]);
    }

    /** The product of a vector at one place of some fours, among others. */
    private MemorySegment amongFours(
            MatrixVector kernel,
            Q4nxTensor w,
            MemorySegment units,
            int columns,
            MemorySegment prepared,
            int place,
            int count) {
        int padded = w.paddedColumns();
        MemorySegment[] vectors = new MemorySegment[4 * count];
        MemorySegment[] products = new MemorySegment[4 * count];
        for (int i = 0; i < 4 * count; i++) {
            vectors[i] = prepared;
            if (i != place) {
                vectors[i] = floats(MatrixVector.preparedLength(padded));
                kernel.prepare(gaussian(columns), 0, columns, padded, vectors[i]);
            }
            products[i] = floats(32L * w.rowBlocks() + 1);
            products[i].fill((byte) 0x7f);
        }
        MemorySegment batch = floats(MatrixVector.preparedLengthOfFours(padded, count));
        MatrixVector.prepareFours(vectors, count, padded, batch);
        MemorySegment scratch = floats(MatrixVector.SCRATCH_FLOATS);
        scratch.fill((byte) 0x7f);
        kernel.multiplyPackedFours(
                units,
                0,
                w.rowBlocks(),
                PackedUnits.unitsAcross(columns),
                padded,
                batch,
                count,
                products,
                1,
                scratch);
        return products[place];
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 16, 19})
    void panelsTimesTokens(int tokens) {
        int columns = 250;
        Q4nxTensor w = weights(32, columns);
        float[] decoded = new float[32 * columns];
        Q4nxDecoder.decodeRows(w, 0, 32, decoded);
        MemorySegment x = gaussian(tokens * columns);
        for (SimdProvider provider : new SimdProvider[] {best, scalar}) {
            Panels panels = provider.panels();
            MemorySegment sums = products(panels, w, x, columns, tokens, false);
            MemorySegment y = floats(40L * tokens);
            panels.store(sums, tokens, false, y, 3, 40);
            MemorySegment narrowed = floats(32L * tokens);
            panels.store(sums, tokens, true, narrowed, 0, 32);
            for (int i = 0; i < 32 * tokens; i++) {
                int t = i / 32;
                int r = i % 32;
                double sum = 0;
                for (int c = 0; c < columns; c++) {
                    double value = x.getAtIndex(JAVA_FLOAT, (long) t * columns + c);
                    sum += decoded[r * columns + c] * value;
                }
                float product = y.getAtIndex(JAVA_FLOAT, 3 + 40 * t + r);
                assertThat((double) product).isCloseTo(sum, within(1e-4));
                assertThat(narrowed.getAtIndex(JAVA_FLOAT, i)).isEqualTo(Bfloat16.round(product));
            }
        }
    }

    @Test
    void aTokensSumsDoNotDependOnItsTile() {
        int columns = 256;
        Q4nxTensor w = weights(32, columns);
        int most = 3 * best.panels().tokens();
        MemorySegment x = gaussian(most * columns);
        float[] full = products(best.panels(), w, x, columns, most, true).toArray(JAVA_FLOAT);
        float[] plain = products(scalar.panels(), w, x, columns, most, true).toArray(JAVA_FLOAT);
        assertThat(Arrays.mismatch(full, 0, 32 * most, plain, 0, 32 * most)).isEqualTo(-1);
        for (int tokens = 1; tokens < most; tokens++) {
            float[] part = products(best.panels(), w, x, columns, tokens, true).toArray(JAVA_FLOAT);
            assertThat(Arrays.mismatch(part, 0, 32 * tokens, full, 0, 32 * tokens)).isEqualTo(-1);
        }
    }

    /** A panel of weights times tokens, which lie a little apart in memory that is not 0. */
    private MemorySegment products(
            Panels panels, Q4nxTensor w, MemorySegment x, int columns, int tokens, boolean narrow) {
        int across = panels.tokens();
        int tiles = Math.ceilDiv(tokens, across);
        long step = 256L * across + 16;
        MemorySegment panel = floats(256 * 32);
        MemorySegment packed = floats(tiles * step);
        packed.fill((byte) 0x7f);
        MemorySegment sums = floats(32L * across * tiles);
        panels.dequantize(pack(w), 0, 8, panel, narrow);
        for (int tile = 0; tile < tiles; tile++) {
            int first = tile * across;
            int count = Math.min(across, tokens - first);
            panels.pack(x, (long) first * columns, columns, 256, count, packed, tile * step);
        }
        panels.multiplyAdd(panel, 256, packed, 0, step, tokens, sums);
        return sums;
    }

    @ParameterizedTest
    @CsvSource({"32,false", "33,false", "640,true", "7,true"})
    void elementwise(int length, boolean narrow) {
        MemorySegment weight = gaussian(length);
        MemorySegment x = gaussian(length);
        MemorySegment other = gaussian(length);
        compare(
                length,
                x,
                (e, s) -> e.rmsNorm(s, 0, weight, length, 1e-6f, narrow, s, 0),
                narrow ? 0.03 : 1e-5);
        compare(length, x, (e, s) -> e.add(s, 0, other, 0, length, narrow), 0);
        for (GateActivation activation : GateActivation.values()) {
            compare(length, x, (e, s) -> e.gateMul(s, 0, other, 0, length, activation, narrow), 0);
        }
        compare(length, x, (e, s) -> e.scale(s, 0, 0.3f, length, narrow), 0);
        int half = length / 2;
        compare(length, x, (e, s) -> e.rotate(s, 0, weight, other, 0, half, narrow), 0);
    }

    private void compare(
            int length,
            MemorySegment x,
            java.util.function.BiConsumer<Elementwise, MemorySegment> operation,
            double tolerance) {
        MemorySegment a = floats(length).copyFrom(x);
        MemorySegment b = floats(length).copyFrom(x);
        operation.accept(best.elementwise(), a);
        operation.accept(scalar.elementwise(), b);
        for (int i = 0; i < length; i++) {
            assertThat((double) a.getAtIndex(JAVA_FLOAT, i))
                    .isCloseTo(b.getAtIndex(JAVA_FLOAT, i), within(tolerance));
        }
    }

    @Test
    void exponentialIsExactEnoughAndTheSameInEveryLane() {
        for (float x = -90; x < 88; x += 0.0137f) {
            double expected = Math.exp(x);
            float actual = Exponential.exp(x);
            assertThat((double) actual)
                    .isCloseTo(expected, within(x < Exponential.MIN ? 2e-38 : expected * 3e-7));
            MemorySegment lane = floats(Lanes.COUNT);
            lane.setAtIndex(JAVA_FLOAT, Lanes.COUNT - 1, x);
            Lanes.store(Lanes.exp(Lanes.load(lane, 0)), lane, 0);
            assertThat(lane.getAtIndex(JAVA_FLOAT, Lanes.COUNT - 1)).isEqualTo(actual);
        }
        for (float x = -9; x < 9; x += 0.0137f) {
            double tanh = Math.tanh(0.7978845608028654 * (x + 0.044715 * x * x * x));
            assertThat((double) Exponential.gelu(x)).isCloseTo(0.5 * x * (1 + tanh), within(2e-6));
        }
    }
}
