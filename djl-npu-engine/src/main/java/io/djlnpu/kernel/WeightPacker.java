package io.djlnpu.kernel;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.djlnpu.simd.MatrixVector;
import io.djlnpu.simd.SimdProvider;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Packs a model's weights for the host's inner loops while the model already runs from the memory
 * map, and keeps the copy only if a product with it is measured to be faster on this machine.
 *
 * <p>The copy takes the size of the weights in memory of its own; the map's pages are handed back
 * where the platform lets us.
 */
public final class WeightPacker implements AutoCloseable {

    private static final Logger LOGGER = LoggerFactory.getLogger(WeightPacker.class);
    private static final long MEASURE_NANOS = 150_000_000;
    private static final int LEAST_ROUNDS = 16;
    private static final int MOST_ROUNDS = 400;

    /** Rows that are packed between two looks at whether the model was closed. */
    private static final int BLOCKS_A_STEP = 64;

    private final List<ProjectionWeights> weights;
    private final SimdProvider simd;
    private final Arena arena = Arena.ofShared();
    private volatile boolean closed;
    private Thread thread;

    /**
     * Takes the weights; nothing is packed yet.
     *
     * @param weights all matrices, those used first in front
     * @param simd inner loops
     */
    public WeightPacker(List<ProjectionWeights> weights, SimdProvider simd) {
        this.weights = List.copyOf(weights);
        this.simd = simd;
    }

    /** Packs everything before it returns, without a measurement. */
    public void packNow() {
        MemorySegment[] packed = pack();
        if (packed.length > 0) {
            adopt(packed);
        }
    }

    /** Packs, measures and decides on a thread of its own. */
    public void start() {
        thread = new Thread(this::packIfFaster, "npu-weight-packer");
        thread.setDaemon(true);
        thread.start();
    }

    private void packIfFaster() {
        MemorySegment[] packed = pack();
        if (packed.length == 0) {
            return;
        }
        double speedup = measure(packed);
        if (closed) {
            return;
        }
        if (speedup > 1) {
            adopt(packed);
        }
        LOGGER.debug(
                "A product with packed weights takes {} of the time: {}",
                "%.2f".formatted(1 / speedup),
                speedup > 1 ? "packed" : "left in the map");
    }

    /** The packed matrices; none if there is no memory for them or the model was closed. */
    private MemorySegment[] pack() {
        long total = weights.stream().mapToLong(ProjectionWeights::packedBytes).sum();
        MemorySegment memory;
        try {
            memory = PageAdvice.huge(arena, total);
        } catch (OutOfMemoryError e) {
            LOGGER.warn("No {} bytes of memory to pack weights; they stay in the map", total);
            return new MemorySegment[0];
        }
        MemorySegment[] packed = new MemorySegment[weights.size()];
        long offset = 0;
        for (int i = 0; i < packed.length; i++) {
            ProjectionWeights matrix = weights.get(i);
            packed[i] = memory.asSlice(offset, matrix.packedBytes());
            offset += matrix.packedBytes();
            for (int block = 0; block < matrix.rowBlocks(); block += BLOCKS_A_STEP) {
                if (closed) {
                    return new MemorySegment[0];
                }
                int count = Math.min(BLOCKS_A_STEP, matrix.rowBlocks() - block);
                matrix.pack(block, count, packed[i]);
            }
        }
        return packed;
    }

    /**
     * Multiplies one matrix after the other, so that most come from memory and not from cache, in
     * turn from the map and packed.
     *
     * @return median time from the map by median time packed, compilation left out
     */
    private double measure(MemorySegment[] packed) {
        int widest = weights.stream().mapToInt(ProjectionWeights::paddedColumns).max().orElse(0);
        int tallest = weights.stream().mapToInt(ProjectionWeights::rows).max().orElse(0);
        MemorySegment prepared = arena.allocate(4L * MatrixVector.preparedLength(widest), 64);
        MemorySegment y = arena.allocate(4L * tallest, 64);
        MemorySegment scratch = arena.allocate(4L * MatrixVector.SCRATCH_FLOATS, 64);
        MemorySegment x = arena.allocate(4L * widest, 64);
        for (int i = 0; i < widest; i++) {
            x.setAtIndex(JAVA_FLOAT, i, 1f + i % 7);
        }
        double[] ratios = new double[MOST_ROUNDS];
        int rounds = 0;
        long end = System.nanoTime() + MEASURE_NANOS;
        while (rounds < MOST_ROUNDS
                && !closed
                && (rounds < LEAST_ROUNDS || System.nanoTime() < end)) {
            int i = rounds % packed.length;
            ProjectionWeights matrix = weights.get(i);
            int blocks = Math.min(matrix.rowBlocks(), BLOCKS_A_STEP);
            int columns = matrix.columns();
            simd.matrixVector().prepare(x, 0, columns, matrix.paddedColumns(), prepared);
            long start = System.nanoTime();
            matrix.multiplyMapped(simd, 0, blocks, prepared, y, 0, scratch);
            long between = System.nanoTime();
            matrix.multiplyPacked(simd, packed[i], 0, blocks, prepared, y, 0, scratch);
            ratios[rounds++] = (double) (between - start) / (System.nanoTime() - between);
        }
        double[] compiled = Arrays.copyOfRange(ratios, rounds / 2, rounds);
        Arrays.sort(compiled);
        return compiled.length == 0 ? 0 : compiled[compiled.length / 2];
    }

    private void adopt(MemorySegment[] packed) {
        for (int i = 0; i < packed.length; i++) {
            ProjectionWeights matrix = weights.get(i);
            matrix.use(packed[i]);
            PageAdvice.handBack(matrix.mapped());
        }
    }

    /** Waits for the thread and frees the copy; the weights must not be used any more. */
    @Override
    public void close() {
        closed = true;
        if (thread != null) {
            boolean interrupted = false;
            while (thread.isAlive()) {
                try {
                    thread.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        arena.close();
    }
}
