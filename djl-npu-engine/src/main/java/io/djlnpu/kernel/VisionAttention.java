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

    /** Keys of a run, whole tiles of five and of eight: their scores stay in the first cache. */
    private static final int RUN_KEYS = 120;

    /** Panels of queries that a run of keys serves while it is in the second cache. */
    private static final int QUERY_PANELS = 8;

    private final KernelContext context;
    private final int tokens;
    private final int heads;
    private final int headDim;
    private final int panels;
    private final int tileRows;
    private final int paddedKeys;
    private final int headTiles;
    private final float scale;

    /** {@code [heads][keys / tileRows][headDim][tileRows]}. */
    private final MemorySegment keyTiles;

    /** {@code [heads][headDim / tileRows][keys][tileRows]}. */
    private final MemorySegment valueTiles;

    private final Scratch[] scratch;
    private final TileExecutor.Task layOut = this::layOut;
    private final TileExecutor.Task attend = this::attend;
    private MemorySegment keys;
    private MemorySegment values;
    private MemorySegment queries;
    private MemorySegment output;

    /** One thread's: scores of a run, state and output of each panel of queries. */
    private record Scratch(MemorySegment scores, float[][] states, MemorySegment[] outputs) {}

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
        tileRows = context.simd().tokenPanels().tileRows();
        headTiles = Math.ceilDiv(headDim, tileRows);
        scale = (float) (1 / Math.sqrt(headDim));
        paddedKeys = Math.ceilDiv(panels * TOKENS, tileRows) * tileRows;
        keyTiles = context.floats((long) heads * headDim * paddedKeys);
        valueTiles = context.floats((long) heads * headTiles * tileRows * paddedKeys);
        scratch = new Scratch[context.executor().threads()];
        for (int i = 0; i < scratch.length; i++) {
            MemorySegment[] outputs = new MemorySegment[QUERY_PANELS];
            Arrays.setAll(outputs, o -> context.floats((long) headTiles * tileRows * TOKENS));
            scratch[i] =
                    new Scratch(
                            context.floats((long) RUN_KEYS * TOKENS),
                            new float[QUERY_PANELS][TokenPanels.STATE_FLOATS],
                            outputs);
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
        int first = panel * TOKENS;
        long source = (long) panel * heads * headDim * TOKENS;
        for (int h = 0; h < heads; h++) {
            for (int d = 0; d < headDim; d++) {
                int lane = first % tileRows;
                long key = ((long) h * paddedKeys + first - lane) * headDim + (long) d * tileRows;
                long valueTile = (long) h * headTiles + d / tileRows;
                long value = (valueTile * paddedKeys + first) * tileRows + d % tileRows;
                for (int t = 0; t < TOKENS; t++) {
                    keyTiles.setAtIndex(
                            JAVA_FLOAT, key + lane, keys.getAtIndex(JAVA_FLOAT, source + t));
                    valueTiles.setAtIndex(
                            JAVA_FLOAT,
                            value + (long) t * tileRows,
                            values.getAtIndex(JAVA_FLOAT, source + t));
                    if (++lane == tileRows) {
                        lane = 0;
                        key += (long) tileRows * headDim;
                    }
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
            own.outputs[i].fill((byte) 0);
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
        own.scores.fill((byte) 0);
        simd.multiplyAdd(
                queries,
                query,
                headDim,
                keyTiles,
                ((long) head * paddedKeys + firstKey) * headDim,
                (long) headDim * tileRows,
                Math.ceilDiv(count, tileRows),
                own.scores,
                0);
        simd.absorb(own.scores, count, scale, own.states[i], own.outputs[i], headDim);
        simd.multiplyAdd(
                own.scores,
                0,
                count,
                valueTiles,
                ((long) head * headTiles * paddedKeys + firstKey) * tileRows,
                (long) paddedKeys * tileRows,
                headTiles,
                own.outputs[i],
                0);
    }
}
