package io.djlnpu.kernel;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.djlnpu.simd.MatrixVector;
import io.djlnpu.simd.SimdProvider;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
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

    /** Rounds of the contest: C2 needs some of them, and a few seconds when it has much to do. */
    private static final int MOST_ROUNDS = 400;

    private static final int WINS_IN_A_ROW = 3;
    private static final int PRODUCTS_A_ROUND = 9;

    /** Between rounds, so that the model's own threads have the cores. */
    private static final long PAUSE_NANOS = 25_000_000;

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
        Contest contest = new Contest(packed);
        int won = 0;
        for (int round = 0; round < MOST_ROUNDS && won < WINS_IN_A_ROW && !closed; round++) {
            double ratio = contest.round();
            won = ratio < 1 ? won + 1 : 0;
            LOGGER.trace("Packed weights take {} of the time", ratio);
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        if (won == WINS_IN_A_ROW && !closed) {
            adopt(packed);
        }
        LOGGER.debug("Weights are used {}", won == WINS_IN_A_ROW ? "packed" : "from the map");
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

    /** Products from the map and with packed weights in turn, for one who measures them. */
    private final class Contest {

        private final MemorySegment[] packed;
        private final MemorySegment prepared;
        private final MemorySegment y;
        private final MemorySegment scratch;
        private final MemorySegment x;
        private int next;

        Contest(MemorySegment[] packed) {
            this.packed = packed;
            int widest =
                    weights.stream().mapToInt(ProjectionWeights::paddedColumns).max().orElse(0);
            int tallest = weights.stream().mapToInt(ProjectionWeights::rows).max().orElse(0);
            prepared = arena.allocate(4L * MatrixVector.preparedLength(widest), 64);
            y = arena.allocate(4L * tallest, 64);
            scratch = arena.allocate(4L * MatrixVector.SCRATCH_FLOATS, 64);
            x = arena.allocate(4L * widest, 64);
            for (int i = 0; i < widest; i++) {
                x.setAtIndex(JAVA_FLOAT, i, 1f + i % 7);
            }
        }

        /** Median time with packed weights by time from the map, over a few matrices. */
        double round() {
            double[] ratios = new double[PRODUCTS_A_ROUND];
            for (int i = 0; i < ratios.length; i++) {
                // one matrix after the other, so that most come from memory and not from cache
                ratios[i] = compare(next++ % packed.length);
            }
            Arrays.sort(ratios);
            return ratios[ratios.length / 2];
        }

        private double compare(int index) {
            ProjectionWeights matrix = weights.get(index);
            int blocks = Math.min(matrix.rowBlocks(), BLOCKS_A_STEP);
            simd.matrixVector().prepare(x, 0, matrix.columns(), matrix.paddedColumns(), prepared);
            long start = System.nanoTime();
            matrix.multiplyPacked(simd, packed[index], 0, blocks, prepared, y, 0, scratch);
            long between = System.nanoTime();
            matrix.multiplyMapped(simd, 0, blocks, prepared, y, 0, scratch);
            return (double) (between - start) / (System.nanoTime() - between);
        }
    }
}
