package io.djlnpu.decoder;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.djlnpu.kernel.TileExecutor;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A cache grows under kernels that may still read it. */
class LayerCacheTest {

    private static final int HEAD_DIM = 16;

    private final TileExecutor executor = new TileExecutor(2);

    @AfterEach
    void close() {
        executor.close();
    }

    private LayerCache cache(int maxContext) {
        return new LayerCache(executor, 1, HEAD_DIM, false, 0, 16, maxContext);
    }

    private static void put(LayerCache cache, int position) {
        MemorySegment row = MemorySegment.ofArray(new float[HEAD_DIM]);
        row.fill((byte) 0);
        row.setAtIndex(JAVA_FLOAT, 0, position + 1);
        cache.put(position, row, row, 0);
    }

    private static float first(LayerCache cache, int position) {
        KeyValueBlock block = new KeyValueBlock(new float[HEAD_DIM], new float[HEAD_DIM], 0, 1);
        cache.read(position, block, 0);
        assertThat(block.values()[0]).isEqualTo(block.keys()[0]);
        return block.keys()[0];
    }

    @Test
    void growsNoFurtherThanTheContext() {
        try (LayerCache cache = cache(1536)) {
            put(cache, 0);
            cache.reserve(1025);
            assertThat(cache.capacity()).isEqualTo(1536);
            assertThat(first(cache, 0)).isEqualTo(1);
        }
    }

    /** Memory for two thousand million tokens is refused by the virtual machine. */
    @Test
    void staysAsItWasWhereThereIsNoMemory() {
        try (LayerCache cache = cache(2_000_000_000)) {
            put(cache, 5);
            assertThatThrownBy(() -> cache.reserve(1_900_000_000))
                    .isInstanceOf(OutOfMemoryError.class);
            assertThat(cache.capacity()).isEqualTo(1024);
            assertThat(first(cache, 5)).isEqualTo(6);
            put(cache, 1023);
            cache.reserve(1025);
            assertThat(first(cache, 1023)).isEqualTo(1024);
        }
    }

    /** What a region has outgrown stays readable until the region ends. */
    @Test
    @Timeout(60)
    void growsWithinARegionOnWhateverThread() {
        int shares = 8;
        LayerCache[] caches = new LayerCache[shares];
        MemorySegment[] outgrown = new MemorySegment[shares];
        boolean[] alive = new boolean[shares];
        for (int i = 0; i < shares; i++) {
            caches[i] = cache(4096);
            put(caches[i], i);
            outgrown[i] = caches[i].keys();
        }
        executor.run(
                shares,
                (share, thread) -> {
                    caches[share].reserve(2000);
                    alive[share] = outgrown[share].scope().isAlive();
                });
        for (int i = 0; i < shares; i++) {
            assertThat(alive[i]).isTrue();
            assertThat(outgrown[i].scope().isAlive()).isFalse();
            assertThat(first(caches[i], i)).isEqualTo(i + 1);
            caches[i].close();
            assertThat(caches[i].keys().scope().isAlive()).isFalse();
        }
    }
}
