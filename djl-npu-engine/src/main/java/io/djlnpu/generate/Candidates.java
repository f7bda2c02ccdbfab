package io.djlnpu.generate;

import java.util.Arrays;

/**
 * The tokens that may come next, with their scores. A candidate is one long: its score in the upper
 * half, as an integer of the same order, and its id inverted in the lower half, so that sorting
 * longs sorts by score and breaks ties towards the lower id.
 */
final class Candidates {

    private final long[] keys;
    private int size;

    Candidates(int vocab) {
        keys = new long[vocab];
    }

    /** Fills in all tokens that are not banned, scores divided by the temperature. */
    void fill(float[] logits, double temperature) {
        size = 0;
        float inverse = (float) (1 / temperature);
        for (int id = 0; id < logits.length; id++) {
            if (logits[id] > Float.NEGATIVE_INFINITY) {
                keys[size++] = key(logits[id] * inverse, id);
            }
        }
        if (size == 0) {
            throw new IllegalStateException(
                    "no token is left to choose: every logit is -Infinity or NaN");
        }
    }

    private static long key(float score, int id) {
        // Inverted, so that ascending order of longs is descending order of scores.
        return (long) ~ordered(Float.floatToIntBits(score)) << 32 | id;
    }

    /** Turns a float's bits into an integer of the same order, and back. */
    private static int ordered(int bits) {
        return bits ^ bits >> 31 & 0x7FFFFFFF;
    }

    private static float score(long key) {
        return Float.intBitsToFloat(ordered(~(int) (key >> 32)));
    }

    int size() {
        return size;
    }

    int id(int index) {
        return (int) keys[index];
    }

    float score(int index) {
        return score(keys[index]);
    }

    float best() {
        long best = keys[0];
        for (int i = 1; i < size; i++) {
            best = Math.min(best, keys[i]);
        }
        return score(best);
    }

    /** Brings the {@code count} best to the front, in order. */
    void sortBest(int count) {
        int wanted = Math.min(count, size);
        int from = 0;
        int to = size - 1;
        while (from < to) {
            int middle = partition(from, to);
            if (wanted - 1 <= middle) {
                to = middle;
            } else {
                from = middle + 1;
            }
        }
        Arrays.sort(keys, 0, wanted);
    }

    /** Hoare's partition: afterwards none of {@code [from, result]} is above any of the rest. */
    private int partition(int from, int to) {
        long pivot = keys[from + (to - from) / 2];
        int low = from - 1;
        int high = to + 1;
        while (true) {
            do {
                low++;
            } while (keys[low] < pivot);
            do {
                high--;
            } while (keys[high] > pivot);
            if (low >= high) {
                return high;
            }
            long swapped = keys[low];
            keys[low] = keys[high];
            keys[high] = swapped;
        }
    }

    /** Keeps the first {@code count}. */
    void keepFirst(int count) {
        size = Math.min(size, count);
    }

    /** Keeps those that score at least {@code least}, in their order. */
    void keepAtLeast(float least) {
        int kept = 0;
        for (int i = 0; i < size; i++) {
            if (score(i) >= least) {
                keys[kept++] = keys[i];
            }
        }
        size = kept;
    }

    /** Puts the candidates into another order, given as indices, and keeps only those. */
    void keep(int[] indices) {
        long[] kept = new long[indices.length];
        for (int i = 0; i < indices.length; i++) {
            kept[i] = keys[indices[i]];
        }
        System.arraycopy(kept, 0, keys, 0, kept.length);
        size = kept.length;
    }

    /** Returns the sum of exp(score - best) over all candidates. */
    double mass(float best) {
        double sum = 0;
        for (int i = 0; i < size; i++) {
            sum += Math.exp(score(i) - best);
        }
        return sum;
    }
}
