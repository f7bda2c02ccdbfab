package io.djlnpu.kernel;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.djlnpu.numeric.Bfloat16;
import io.djlnpu.simd.Attention;
import io.djlnpu.simd.SimdProvider;
import io.djlnpu.tile.NpuDevice;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** FlowQKV and FlowKV over caches that wrap, against doubles and against each other. */
class AttentionKernelsTest {

    private static final int TILE = Attention.TILE;

    private final Random random = new Random(11);
    private final Arena arena = Arena.ofShared();

    private KernelContext context(int threads, SimdProvider simd) {
        return new KernelContext(NpuDevice.KRACKAN, new TileExecutor(threads), simd, false, arena);
    }

    /** Rows by position in float32, and a cache of tiles in which newer ones overwrite old. */
    private final class Cache implements KeyValues {

        private final float[][][] keyRows;
        private final float[][][] valueRows;
        private final MemorySegment keys;
        private final MemorySegment values;
        private final int capacity;
        private final boolean bf16;
        private final int across;

        Cache(int kvHeads, int headDim, int positions, int capacity, boolean bf16) {
            this.capacity = capacity;
            this.bf16 = bf16;
            across = Math.ceilDiv(headDim, TILE);
            long elements = (long) kvHeads * capacity * across * TILE;
            // what nobody wrote must not be read as a number that counts
            keys = arena.allocate(4 * elements, 64).fill((byte) 0x7f);
            values = arena.allocate(4 * elements, 64).fill((byte) 0);
            keyRows = new float[kvHeads][positions][headDim];
            valueRows = new float[kvHeads][positions][headDim];
            for (int h = 0; h < kvHeads; h++) {
                for (int p = 0; p < positions; p++) {
                    for (int d = 0; d < headDim; d++) {
                        keyRows[h][p][d] = Bfloat16.round((float) random.nextGaussian());
                        valueRows[h][p][d] = Bfloat16.round((float) random.nextGaussian());
                        put(h, p, d);
                    }
                }
            }
        }

        void put(int head, int position, int d) {
            int slot = position % capacity;
            long tile = (((long) head * capacity + slot) / TILE * across + d / TILE) * TILE * TILE;
            store(keys, tile + d % TILE * TILE + slot % TILE, keyRows[head][position][d]);
            store(values, tile + slot % TILE * TILE + d % TILE, valueRows[head][position][d]);
        }

        private void store(MemorySegment target, long index, float x) {
            if (bf16) {
                target.set(Bfloat16.LAYOUT, 2 * index, Bfloat16.fromFloat(x));
            } else {
                target.setAtIndex(JAVA_FLOAT, index, x);
            }
        }

        @Override
        public MemorySegment keys() {
            return keys;
        }

        @Override
        public MemorySegment values() {
            return values;
        }

        @Override
        public int capacity() {
            return capacity;
        }

        @Override
        public boolean bf16() {
            return bf16;
        }
    }

    private record Window(int past, int keys) implements VisibleKeys {

        @Override
        public int first(int token) {
            return Math.max(0, past + token + 1 - keys);
        }

        @Override
        public int end(int token) {
            return past + token + 1;
        }
    }

    @ParameterizedTest
    @CsvSource({
        "4,1,64,20,0,1000,true",
        "4,1,256,70,100,100,true",
        "8,4,32,33,5,1000,false",
        "8,4,128,40,300,64,true",
        "3,3,72,17,90,33,true",
        "6,2,48,5,1,1000,false",
        "8,1,64,9,63,65,true"
    })
    void aTokenGetsTheSameBitsInEveryWay(
            int heads, int kvHeads, int headDim, int tokens, int past, int window, boolean bf16) {
        int positions = past + tokens;
        int capacity = Math.ceilDiv(Math.min(positions, window + tokens), TILE) * TILE;
        Cache cache = new Cache(kvHeads, headDim, positions, capacity, bf16);
        int width = heads * headDim;
        MemorySegment queries = arena.allocate(4L * tokens * width, 64);
        for (int i = 0; i < tokens * width; i++) {
            queries.setAtIndex(
                    JAVA_FLOAT, i, (float) (2 * random.nextGaussian() / Math.sqrt(headDim)));
        }
        // a needle for the first head: its query of the last token is the oldest key it sees
        int oldest = Math.max(0, positions - window);
        for (int d = 0; d < headDim; d++) {
            queries.setAtIndex(
                    JAVA_FLOAT,
                    (long) (tokens - 1) * width + d,
                    20 * cache.keyRows[0][oldest][d] / headDim);
        }
        float[] expected = null;
        for (SimdProvider simd : new SimdProvider[] {SimdProvider.best(), SimdProvider.scalar()}) {
            for (int threads : new int[] {1, 2, 3}) {
                KernelContext context = context(threads, simd);
                FlowQkv flowQkv = new FlowQkv(context, heads, kvHeads, headDim);
                MemorySegment output = poisoned(tokens * width + 1);
                flowQkv.run(queries, tokens, cache, new Window(past, window), output);
                float[] result = output.toArray(JAVA_FLOAT);
                if (expected == null) {
                    expected = result;
                    compare(cache, queries, heads, kvHeads, headDim, past, window, result);
                }
                assertThat(result).as("%s, %d threads", simd.name(), threads).isEqualTo(expected);

                MemorySegment cut = poisoned(tokens * width + 1);
                int some = tokens / 3 + 1;
                flowQkv.run(queries, some, cache, new Window(past, window), cut);
                long at = 4L * some * width;
                flowQkv.run(
                        queries.asSlice(at),
                        tokens - some,
                        cache,
                        new Window(past + some, window),
                        cut.asSlice(at));
                assertThat(cut.toArray(JAVA_FLOAT)).as("in two chunks").isEqualTo(expected);

                FlowKv flowKv = new FlowKv(context, heads, kvHeads, headDim);
                MemorySegment decoded = poisoned(tokens * width + 1);
                for (int t = 0; t < tokens; t++) {
                    flowKv.run(
                            queries.asSlice(4L * t * width),
                            cache,
                            Math.max(0, past + t + 1 - window),
                            past + t + 1,
                            decoded.asSlice(4L * t * width));
                }
                assertThat(decoded.toArray(JAVA_FLOAT)).as("decoded").isEqualTo(expected);
                context.executor().close();
            }
        }
    }

    private MemorySegment poisoned(int floats) {
        return arena.allocate(4L * floats, 64).fill((byte) 0x7f);
    }

    private void compare(
            Cache cache,
            MemorySegment queries,
            int heads,
            int kvHeads,
            int headDim,
            int past,
            int window,
            float[] result) {
        int tokens = result.length / (heads * headDim);
        for (int t = 0; t < tokens; t++) {
            int first = Math.max(0, past + t + 1 - window);
            int end = past + t + 1;
            for (int head = 0; head < heads; head++) {
                int row = (t * heads + head) * headDim;
                float[][] keys = cache.keyRows[head / (heads / kvHeads)];
                float[][] values = cache.valueRows[head / (heads / kvHeads)];
                double[] scores = new double[end - first];
                for (int key = first; key < end; key++) {
                    for (int d = 0; d < headDim; d++) {
                        scores[key - first] +=
                                (double) queries.getAtIndex(JAVA_FLOAT, row + d) * keys[key][d];
                    }
                }
                double maximum = Arrays.stream(scores).max().orElseThrow();
                double total = 0;
                double[] weighed = new double[headDim];
                for (int key = first; key < end; key++) {
                    double weight = Math.exp(scores[key - first] - maximum);
                    total += weight;
                    for (int d = 0; d < headDim; d++) {
                        weighed[d] += weight * values[key][d];
                    }
                }
                for (int d = 0; d < headDim; d++) {
                    assertThat((double) result[row + d])
                            .as("token %d, head %d, element %d", t, head, d)
                            .isCloseTo(weighed[d] / total, within(5e-5));
                }
            }
        }
    }
}
