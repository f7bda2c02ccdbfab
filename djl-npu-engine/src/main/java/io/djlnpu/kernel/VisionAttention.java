package io.djlnpu.kernel;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.djlnpu.simd.TokenPanels;
import io.djlnpu.tile.DataflowPlan;
import io.djlnpu.tile.NpuDevice;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * FlowQKV without a causal mask: every token of an image sees every other. Keys and values stream
 * past in runs; maximum, sum and unnormalised output of a block of queries are carried from run to
 * run, so the score matrix never exists.
 *
 * <p><b>Shape</b>: queries, keys, values and result {@code [panels][heads * headDim][32]}; any head
 * size. <b>Numerics</b>: {@link TokenPanels}; scores and weights in float32, keys in ascending
 * order; the result is narrowed as the tower says. <b>Source</b>: paper, FlowQKV, non-causal.
 */
public final class VisionAttention {

    private static final int TOKENS = TokenPanels.TOKENS;
    private static final int ROWS = TokenPanels.ROWS;

    /** Keys of a run: their scores and weights stay in the first cache. */
    private static final int RUN_KEYS = 128;

    /** Panels of queries that a run of keys serves while it is in the second cache. */
    private static final int QUERY_PANELS = 4;

    private final KernelContext context;
    private final int tokens;
    private final int heads;
    private final int headDim;
    private final int panels;
    private final int headTiles;
    private final float scale;

    /** {@code [heads][tokens / 8][headDim][8]}. */
    private final float[] keyTiles;

    /** {@code [heads][headDim / 8][tokens][8]}. */
    private final float[] valueTiles;

    private final Scratch[] scratch;
    private final TileExecutor.Task layOut = this::layOut;
    private final TileExecutor.Task attend = this::attend;
    private MemorySegment keys;
    private MemorySegment values;
    private MemorySegment queries;
    private MemorySegment output;

    /** One thread's: scores and weights of a run, state and output of each panel of queries. */
    private record Scratch(
            float[] scores, MemorySegment weights, float[][] states, float[][] outputs) {}

    /**
     * Allocates the kernel.
     *
     * @param context what the kernels share
     * @param tokens tokens of an image
     * @param heads heads
     * @param headDim width of a head
     */
    public VisionAttention(KernelContext context, int tokens, int heads, int headDim) {
        this.context = context;
        this.tokens = tokens;
        this.heads = heads;
        this.headDim = headDim;
        panels = Math.ceilDiv(tokens, TOKENS);
        headTiles = Math.ceilDiv(headDim, ROWS);
        scale = (float) (1 / Math.sqrt(headDim));
        keyTiles = new float[Math.multiplyExact(heads * headDim, panels * TOKENS)];
        valueTiles = new float[Math.multiplyExact(heads * headTiles * ROWS, panels * TOKENS)];
        scratch = new Scratch[context.executor().threads()];
        for (int i = 0; i < scratch.length; i++) {
            scratch[i] =
                    new Scratch(
                            new float[RUN_KEYS * TOKENS],
                            context.floats((long) RUN_KEYS * TOKENS),
                            new float[QUERY_PANELS][TokenPanels.STATE_FLOATS],
                            new float[QUERY_PANELS][headTiles * ROWS * TOKENS]);
        }
    }

    /**
     * Plans the kernel.
     *
     * @param device the device
     * @param tokens tokens of an image
     * @param heads heads
     * @param headDim width of a head
     * @return the plan
     */
    public static DataflowPlan plan(NpuDevice device, int tokens, int heads, int headDim) {
        return FlowQkvPlan.plan(device, AttentionSpan.mutual(tokens), heads, heads, headDim)
                .named("VisionAttention");
    }

    /**
     * Attends.
     *
     * @param newQueries {@code [panels][heads * headDim][32]}
     * @param newKeys the same
     * @param newValues the same
     * @param result receives the same, may be the queries
     */
    public void run(
            MemorySegment newQueries,
            MemorySegment newKeys,
            MemorySegment newValues,
            MemorySegment result) {
        queries = newQueries;
        keys = newKeys;
        values = newValues;
        output = result;
        context.executor().run(panels, layOut);
        context.executor().run(heads * Math.ceilDiv(panels, QUERY_PANELS), attend);
    }

    private void layOut(int panel, int thread) {
        int token = panel * TOKENS;
        long source = (long) panel * heads * headDim * TOKENS;
        for (int h = 0; h < heads; h++) {
            int keyHead = (h * panels * TOKENS + token) * headDim;
            int valueHead = h * headTiles * panels * TOKENS * ROWS;
            for (int d = 0; d < headDim; d++) {
                int keyColumn = keyHead + d * ROWS;
                int valueRow = valueHead + (d / ROWS * panels * TOKENS + token) * ROWS + d % ROWS;
                for (int t = 0; t < TOKENS; t++) {
                    keyTiles[keyColumn + t / ROWS * headDim * ROWS + t % ROWS] =
                            keys.getAtIndex(JAVA_FLOAT, source + t);
                    valueTiles[valueRow + t * ROWS] = values.getAtIndex(JAVA_FLOAT, source + t);
                }
                source += TOKENS;
            }
        }
    }

    private void attend(int unit, int thread) {
        int groups = Math.ceilDiv(panels, QUERY_PANELS);
        int head = unit / groups;
        int first = unit % groups * QUERY_PANELS;
        int count = Math.min(QUERY_PANELS, panels - first);
        Scratch own = scratch[thread];
        for (int i = 0; i < count; i++) {
            Arrays.fill(own.states[i], 0, TOKENS, Float.NEGATIVE_INFINITY);
            Arrays.fill(own.states[i], TOKENS, 2 * TOKENS, 0);
            Arrays.fill(own.outputs[i], 0);
        }
        for (int key = 0; key < tokens; key += RUN_KEYS) {
            for (int i = 0; i < count; i++) {
                step(own, i, head, rowOf(first + i, head), key);
            }
        }
        for (int i = 0; i < count; i++) {
            context.simd()
                    .tokenPanels()
                    .normalize(
                            own.outputs[i],
                            headDim,
                            own.states[i],
                            context.narrow(),
                            output,
                            rowOf(first + i, head));
        }
    }

    private long rowOf(int panel, int head) {
        return ((long) panel * heads + head) * headDim * TOKENS;
    }

    private void step(Scratch own, int i, int head, long query, int firstKey) {
        TokenPanels simd = context.simd().tokenPanels();
        int count = Math.min(RUN_KEYS, tokens - firstKey);
        Arrays.fill(own.scores, 0);
        for (int key = 0; key < count; key += ROWS) {
            int tile = (head * panels * TOKENS + firstKey + key) * headDim;
            simd.multiplyAdd(queries, query, headDim, keyTiles, tile, own.scores, key * TOKENS);
        }
        simd.absorb(own.scores, count, scale, own.states[i], own.weights, own.outputs[i], headDim);
        for (int t = 0; t < headTiles; t++) {
            int tile = ((head * headTiles + t) * panels * TOKENS + firstKey) * ROWS;
            simd.multiplyAdd(
                    own.weights, 0, count, valueTiles, tile, own.outputs[i], t * ROWS * TOKENS);
        }
    }
}
