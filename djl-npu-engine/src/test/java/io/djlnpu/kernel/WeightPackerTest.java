package io.djlnpu.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;

import io.djlnpu.q4nx.Q4nxFormat;
import io.djlnpu.q4nx.Q4nxTensor;
import io.djlnpu.simd.MatrixVector;
import io.djlnpu.simd.SimdProvider;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Weights change their place under a running kernel, and nobody notices. */
class WeightPackerTest {

    private final Arena arena = Arena.ofAuto();
    private final SimdProvider simd = SimdProvider.best();
    private final Random random = new Random(3);

    private ProjectionWeights weights(int rows, int columns) {
        MemorySegment data = arena.allocate(Q4nxFormat.byteLength(rows, columns), 64);
        for (long i = 0; i < data.byteSize(); i++) {
            data.set(JAVA_BYTE, i, (byte) random.nextInt(64));
        }
        return new ProjectionWeights(new Q4nxTensor("w", rows, columns, data));
    }

    private float[] product(ProjectionWeights matrix) {
        int columns = matrix.columns();
        int padded = matrix.paddedColumns();
        MemorySegment x = arena.allocate(4L * columns, 64);
        for (int i = 0; i < columns; i++) {
            x.setAtIndex(JAVA_FLOAT, i, (float) Math.sin(i));
        }
        MemorySegment prepared = arena.allocate(4L * MatrixVector.preparedLength(padded), 64);
        simd.matrixVector().prepare(x, 0, columns, padded, prepared);
        MemorySegment y = arena.allocate(4L * matrix.rows(), 64);
        MemorySegment scratch = arena.allocate(4L * MatrixVector.SCRATCH_FLOATS, 64);
        matrix.multiply(simd, 0, matrix.rowBlocks(), prepared, y, 0, scratch);
        return y.toArray(JAVA_FLOAT);
    }

    @Test
    void packedWeightsGiveTheSameBits() {
        ProjectionWeights small = weights(32, 96);
        ProjectionWeights large = weights(160, 1152);
        float[] before = product(small);
        float[] largeBefore = product(large);
        try (WeightPacker packer = new WeightPacker(List.of(small, large), simd)) {
            packer.packNow();
            assertThat(small.isPacked()).isTrue();
            assertThat(product(small)).isEqualTo(before);
            assertThat(product(large)).isEqualTo(largeBefore);
        }
    }

    /** It may decide for the map; what matters is that products before, while and after agree. */
    @Test
    void productsGoOnWhileItDecides() throws InterruptedException {
        ProjectionWeights matrix = weights(320, 640);
        float[] before = product(matrix);
        try (WeightPacker packer = new WeightPacker(List.of(matrix), simd)) {
            packer.start();
            long deadline = System.nanoTime() + 5_000_000_000L;
            while (!matrix.isPacked() && System.nanoTime() < deadline) {
                assertThat(product(matrix)).isEqualTo(before);
            }
            for (int i = 0; i < 20; i++) {
                assertThat(product(matrix)).isEqualTo(before);
            }
        }
    }

    @Test
    @Timeout(60)
    void productsGoOnWhileWeightsChangeTheirPlace() throws InterruptedException {
        ProjectionWeights matrix = weights(320, 640);
        float[] before = product(matrix);
        try (WeightPacker packer = new WeightPacker(List.of(matrix), simd)) {
            Thread packing = new Thread(packer::packNow);
            packing.start();
            do {
                assertThat(product(matrix)).isEqualTo(before);
            } while (!matrix.isPacked());
            assertThat(product(matrix)).isEqualTo(before);
            packing.join();
        }
    }

    @Test
    void aModelMayBeClosedAtOnce() {
        Thread.UncaughtExceptionHandler others = Thread.getDefaultUncaughtExceptionHandler();
        List<Throwable> uncaught = new CopyOnWriteArrayList<>();
        Thread.setDefaultUncaughtExceptionHandler((thread, e) -> uncaught.add(e));
        try {
            for (int i = 0; i < 20; i++) {
                WeightPacker packer = new WeightPacker(List.of(weights(640, 640)), simd);
                packer.start();
                packer.close();
                assertThat(Thread.getAllStackTraces().keySet())
                        .extracting(Thread::getName)
                        .doesNotContain("npu-weight-packer");
            }
        } finally {
            Thread.setDefaultUncaughtExceptionHandler(others);
        }
        assertThat(uncaught).isEmpty();
    }
}
