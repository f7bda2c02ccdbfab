package io.djlnpu.kernel;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.djlnpu.simd.MatrixVector;
import io.djlnpu.simd.SimdProvider;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
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

    /** Bytes of packed weights that the race is run on. */
    private static final long TRIAL_BYTES = 16L << 20;

    private static final long SLAB_BYTES = 32L << 20;

    /** Rows that are packed between two looks at whether the model was closed. */
    private static final int BLOCKS_A_STEP = 64;

    private final List<ProjectionWeights> weights;
    private final SimdProvider simd;
    private final Arena arena = Arena.ofShared();
    private volatile boolean closed;
    private Thread thread;

    /** Where the next matrix goes; one slab after the other, so that memory grows as it is used. */
    private MemorySegment slab = MemorySegment.NULL;

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
        try {
            adoptAll();
        } catch (OutOfMemoryError e) {
            reportMemory();
        }
    }

    /** Packs, measures and decides on a thread of its own. */
    public void start() {
        thread = new Thread(this::packIfFaster, "npu-weight-packer");
        thread.setDaemon(true);
        thread.start();
    }

    private void packIfFaster() {
        try {
            boolean faster = isFaster();
            if (faster) {
                adoptAll();
            }
            LOGGER.debug("Weights are used {}", faster ? "packed" : "from the map");
        } catch (OutOfMemoryError e) {
            reportMemory();
        }
    }

    private void reportMemory() {
        LOGGER.warn("There is no memory to pack all weights; the others are used from the map");
    }

    /** Races packed copies of some matrices against the map; they are freed afterwards. */
    private boolean isFaster() {
        try (Arena trial = Arena.ofShared()) {
            List<MemorySegment> packed = new ArrayList<>();
            long bytes = 0;
            for (int i = 0; i < weights.size() && bytes < TRIAL_BYTES && !closed; i++) {
                ProjectionWeights matrix = weights.get(i);
                packed.add(trial.allocate(matrix.packedBytes(), 64));
                matrix.pack(0, matrix.rowBlocks(), packed.getLast());
                bytes += matrix.packedBytes();
            }
            Contest contest = new Contest(packed, trial);
            int won = 0;
            for (int round = 0; round < MOST_ROUNDS && won < WINS_IN_A_ROW && !closed; round++) {
                won = contest.round() < 1 ? won + 1 : 0;
                LockSupport.parkNanos(PAUSE_NANOS);
            }
            return won == WINS_IN_A_ROW;
        }
    }

    /** One matrix after the other changes over and gives its pages of the map back. */
    private void adoptAll() {
        for (ProjectionWeights matrix : weights) {
            MemorySegment target = allocate(matrix.packedBytes());
            for (int block = 0; block < matrix.rowBlocks(); block += BLOCKS_A_STEP) {
                if (closed) {
                    return;
                }
                int count = Math.min(BLOCKS_A_STEP, matrix.rowBlocks() - block);
                matrix.pack(block, count, target);
            }
            matrix.use(target);
            LinuxMemory.handBack(matrix.mapped());
        }
    }

    private MemorySegment allocate(long bytes) {
        if (bytes > SLAB_BYTES) {
            return LinuxMemory.huge(arena, bytes);
        }
        if (bytes > slab.byteSize()) {
            long left = weights.stream().mapToLong(ProjectionWeights::packedBytes).sum();
            slab = LinuxMemory.huge(arena, Math.min(SLAB_BYTES, left));
        }
        MemorySegment memory = slab.asSlice(0, bytes);
        slab = slab.asSlice(bytes);
        return memory;
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

        private final List<MemorySegment> packed;
        private final MemorySegment prepared;
        private final MemorySegment y;
        private final MemorySegment scratch;
        private final MemorySegment x;
        private int next;

        Contest(List<MemorySegment> packed, Arena memory) {
            this.packed = packed;
            int widest =
                    weights.stream().mapToInt(ProjectionWeights::paddedColumns).max().orElse(0);
            int tallest = weights.stream().mapToInt(ProjectionWeights::rows).max().orElse(0);
            prepared = memory.allocate(4L * MatrixVector.preparedLength(widest), 64);
            y = memory.allocate(4L * tallest, 64);
            scratch = memory.allocate(4L * MatrixVector.SCRATCH_FLOATS, 64);
            x = memory.allocate(4L * widest, 64);
            for (int i = 0; i < widest; i++) {
                x.setAtIndex(JAVA_FLOAT, i, 1f + i % 7);
            }
        }

        /** Median time with packed weights by time from the map, over a few matrices. */
        double round() {
            double[] ratios = new double[PRODUCTS_A_ROUND];
            for (int i = 0; i < ratios.length; i++) {
                // one matrix after the other, so that most come from memory and not from cache
                ratios[i] = compare(next++ % packed.size());
            }
            Arrays.sort(ratios);
            return ratios[ratios.length / 2];
        }

        private double compare(int index) {
            ProjectionWeights matrix = weights.get(index);
            int blocks = Math.min(matrix.rowBlocks(), BLOCKS_A_STEP);
            simd.matrixVector().prepare(x, 0, matrix.columns(), matrix.paddedColumns(), prepared);
            long start = System.nanoTime();
            matrix.multiplyPacked(simd, packed.get(index), 0, blocks, prepared, y, 0, scratch);
            long between = System.nanoTime();
            matrix.multiplyMapped(simd, 0, blocks, prepared, y, 0, scratch);
            return (double) (between - start) / (System.nanoTime() - between);
        }
    }
}
