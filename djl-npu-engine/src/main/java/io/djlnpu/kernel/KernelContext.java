package io.djlnpu.kernel;

import io.djlnpu.simd.Elementwise;
import io.djlnpu.simd.MatrixVector;
import io.djlnpu.simd.Panels;
import io.djlnpu.simd.SimdProvider;
import io.djlnpu.tile.NpuDevice;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * What all kernels of a session share: device, threads, inner loops, numerics, and each thread's
 * scratch memory.
 */
public final class KernelContext {

    private final NpuDevice device;
    private final TileExecutor executor;
    private final SimdProvider simd;
    private final boolean narrow;
    private final Arena arena;
    private final MemorySegment[] scratch;
    private final MemorySegment[][] products;
    private final MemorySegment[] panels;
    private MemorySegment batch = MemorySegment.NULL;

    /**
     * Allocates the scratch memory.
     *
     * @param device what plans are made for
     * @param executor the host's threads
     * @param simd inner loops
     * @param narrow whether kernels exchange bf16, or float32 as it is
     * @param arena owns all memory of the session
     */
    public KernelContext(
            NpuDevice device,
            TileExecutor executor,
            SimdProvider simd,
            boolean narrow,
            Arena arena) {
        this.device = device;
        this.executor = executor;
        this.simd = simd;
        this.narrow = narrow;
        this.arena = arena;
        int threads = executor.threads();
        scratch = new MemorySegment[threads];
        products = new MemorySegment[threads][4 * MatrixVector.MOST_FOURS];
        panels = new MemorySegment[threads];
        for (int i = 0; i < threads; i++) {
            scratch[i] = floats(MatrixVector.SCRATCH_FLOATS);
            panels[i] = floats(Panels.ROWS * Panels.COLUMNS);
        }
    }

    /**
     * Allocates zeroed floats on a cache line.
     *
     * @param count how many
     * @return the memory, as long as the session lives
     */
    public MemorySegment floats(long count) {
        return arena.allocate(4 * count, 64);
    }

    /**
     * Returns the device that plans are made for.
     *
     * @return the device
     */
    public NpuDevice device() {
        return device;
    }

    TileExecutor executor() {
        return executor;
    }

    SimdProvider simd() {
        return simd;
    }

    /**
     * Returns the loops between the matrix kernels.
     *
     * @return the loops
     */
    public Elementwise elementwise() {
        return simd.elementwise();
    }

    /**
     * Returns the host's threads, each with scratch memory of its own.
     *
     * @return how many
     */
    public int threads() {
        return executor.threads();
    }

    /**
     * Tells whether kernels exchange bf16.
     *
     * @return true for bf16, false for float32
     */
    public boolean narrow() {
        return narrow;
    }

    MemorySegment scratch(int thread) {
        return scratch[thread];
    }

    /** Room for the products of a batch. */
    MemorySegment[] products(int thread) {
        return products[thread];
    }

    /** Room for a batch's vectors; made when first asked for. */
    MemorySegment batch(long floats) {
        if (batch.byteSize() < 4 * floats) {
            batch = floats(floats);
        }
        return batch;
    }

    MemorySegment panel(int thread) {
        return panels[thread];
    }
}
