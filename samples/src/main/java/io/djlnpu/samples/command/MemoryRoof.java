package io.djlnpu.samples.command;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.djlnpu.kernel.LinuxMemory;
import io.djlnpu.kernel.TileExecutor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * How fast this machine reads memory that is not in cache, with some threads: the roof of decoding,
 * which reads every weight once a token. The memory lies in huge pages where packed weights do.
 */
final class MemoryRoof implements AutoCloseable {

    private static final long BYTES = 256L << 20;
    private static final int PASSES = 5;
    private static final int SHARES = 64;
    private static final long LINE = 64;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment memory = LinuxMemory.huge(arena, BYTES);
    private final TileExecutor executor;
    private final long[] sums = new long[SHARES];

    MemoryRoof(int threads) {
        executor = new TileExecutor(threads);
        memory.fill((byte) 1);
    }

    /** Lets C2 compile the loop. */
    void warmUp() {
        for (int i = 0; i < 6; i++) {
            measure();
        }
    }

    /** Bytes a second of the fastest of some passes: the first ones find cold page tables. */
    double measure() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < PASSES; i++) {
            long start = System.nanoTime();
            executor.run(SHARES, this::read);
            least = Math.min(least, System.nanoTime() - start);
        }
        return BYTES * 1e9 / least;
    }

    /** One load of every line, in four chains. */
    private void read(int share, int thread) {
        long first = BYTES / SHARES * share;
        long end = first + BYTES / SHARES;
        long a = 0;
        long b = 0;
        long c = 0;
        long d = 0;
        for (long i = first; i < end; i += 4 * LINE) {
            a += memory.get(JAVA_LONG, i);
            b += memory.get(JAVA_LONG, i + LINE);
            c += memory.get(JAVA_LONG, i + 2 * LINE);
            d += memory.get(JAVA_LONG, i + 3 * LINE);
        }
        sums[share] = a + b + c + d;
    }

    @Override
    public void close() {
        executor.close();
        arena.close();
    }
}
