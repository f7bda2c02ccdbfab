package io.djlnpu.simd;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;

/**
 * Online softmax attention of four queries over a run of 64 keys and values: {@link #multiply} with
 * keys, {@link #weigh}, {@link #join}, {@link #multiply} with values, {@link #combine}. The first
 * two need no other run, so runs can be divided among threads; the last two take any columns.
 *
 * <p><b>Shape</b>: keys and values lie in tiles of 64 x 64, {@code [dimension][key]} and {@code
 * [key][column]}; queries, weights and outputs in tiles of four rows of 64. A run is its weights,
 * then the queries' maxima and sums; a state is the queries' maxima, sums, decays and scales, then
 * the unnormalised outputs.
 *
 * <p><b>Numerics</b>: float32, whatever keys and values are. A score is the sum of products in the
 * order of dimensions; weights are relative to the maximum of their run; an output is the sum of
 * weighted values in the order of keys, run by run: the same bits from every provider, and for a
 * query whichever others share its tile.
 */
public interface Attention {

    /** Keys of a run, and the side of a tile of keys or values. */
    int TILE = 64;

    /** Queries that are multiplied together. */
    int QUERIES = 4;

    /** Floats of a tile of queries, weights or outputs. */
    int ROWS_FLOATS = QUERIES * TILE;

    /** Floats of a run's weights, maxima and sums, padded to a cache line. */
    int RUN_FLOATS = ROWS_FLOATS + 16;

    /** Floats of a state before its outputs. */
    int STATE_HEADER = 4 * QUERIES;

    /**
     * Widens rows of a tile, exactly.
     *
     * @param tiles keys or values in bf16
     * @param tileIndex index, in elements, of the first row
     * @param rows how many rows
     * @param wide receives {@link #TILE} floats for each
     */
    void widen(MemorySegment tiles, long tileIndex, int rows, MemorySegment wide);

    /**
     * Multiplies four rows of factors with rows of a tile. Sums outside the wanted columns become
     * undefined.
     *
     * @param tiles keys or values in float32
     * @param tileIndex index of the first row
     * @param rows how many rows to take
     * @param first first column that is wanted
     * @param end one past the last
     * @param factors queries or weights
     * @param factorIndex index of the first row's factor
     * @param sums receives the products
     * @param sumIndex index of the first float
     * @param add whether to continue the sums that are there
     */
    void multiply(
            MemorySegment tiles,
            long tileIndex,
            int rows,
            int first,
            int end,
            MemorySegment factors,
            long factorIndex,
            MemorySegment sums,
            long sumIndex,
            boolean add);

    /**
     * Turns one query's scores into weights, with their maximum and sum.
     *
     * @param runs scores of a run
     * @param runIndex index of the run's first float
     * @param query which of the four
     * @param from first key that the query sees; the weights of unseen keys are 0, whatever their
     *     scores are
     * @param end one past the last; the query sees none of the run if not more than {@code from}
     */
    void weigh(MemorySegment runs, long runIndex, int query, int from, int end);

    /**
     * Takes a run's maxima and sums into a state, and notes by what earlier outputs decay and by
     * what those of the run are scaled.
     *
     * @param runs the run
     * @param runIndex index of its first float
     * @param states the state
     * @param stateIndex index of its first float
     */
    static void join(MemorySegment runs, long runIndex, MemorySegment states, long stateIndex) {
        for (int q = 0; q < QUERIES; q++) {
            long run = runIndex + ROWS_FLOATS + q;
            long state = stateIndex + q;
            float before = states.getAtIndex(JAVA_FLOAT, state);
            float own = runs.getAtIndex(JAVA_FLOAT, run);
            float maximum = Math.max(before, own);
            // equal also where a query has seen nothing yet
            float decay = before == maximum ? 1 : Exponential.exp(before - maximum);
            float scale = own == maximum ? 1 : Exponential.exp(own - maximum);
            float sum = runs.getAtIndex(JAVA_FLOAT, run + QUERIES) * scale;
            sum = Math.fma(states.getAtIndex(JAVA_FLOAT, state + QUERIES), decay, sum);
            states.setAtIndex(JAVA_FLOAT, state, maximum);
            states.setAtIndex(JAVA_FLOAT, state + QUERIES, sum);
            states.setAtIndex(JAVA_FLOAT, state + 2 * QUERIES, decay);
            states.setAtIndex(JAVA_FLOAT, state + 3 * QUERIES, scale);
        }
    }

    /**
     * Takes a run's sums of weighted values into a state's outputs, by the decays and scales of the
     * last {@link #join}.
     *
     * @param sums a tile of sums
     * @param sumIndex index of the first float
     * @param states the state
     * @param stateIndex index of its first float
     * @param outputIndex index of the tile of outputs
     */
    void combine(
            MemorySegment sums,
            long sumIndex,
            MemorySegment states,
            long stateIndex,
            long outputIndex);
}
