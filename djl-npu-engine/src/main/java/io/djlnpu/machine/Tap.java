package io.djlnpu.machine;

import java.util.Arrays;

/**
 * A tensor access pattern: in which order a descriptor walks a region's bytes.
 *
 * @param offset first byte
 * @param sizes how often each dimension steps, the outermost first
 * @param strides bytes of a step
 * @param run bytes in a row, of the innermost dimension
 */
record Tap(int offset, int[] sizes, int[] strides, int run) {

    private static final int MAX_SIZE = 1023;
    private static final int GRANULE = 4;

    static Tap linear(int offset, int bytes) {
        return new Tap(offset, new int[0], new int[0], bytes);
    }

    static Tap rows(int offset, int rows, int stride, int run) {
        return rows == 1 || stride == run
                ? linear(offset, rows * run)
                : new Tap(offset, new int[] {rows}, new int[] {stride}, run);
    }

    /** Bytes that the descriptor moves. */
    int bytes() {
        return Arrays.stream(sizes).reduce(run, Math::multiplyExact);
    }

    int dimensions() {
        return sizes.length + 1;
    }

    /** Where a byte of the sequence lies in the region. */
    int at(int position) {
        int at = offset + position % run;
        int index = position / run;
        for (int d = sizes.length - 1; d >= 0; d--) {
            at += index % sizes[d] * strides[d];
            index /= sizes[d];
        }
        return at;
    }

    /** Bytes in a row from a position of the sequence. */
    int contiguous(int position) {
        return run - position % run;
    }

    /** What of the pattern no descriptor of so many dimensions can walk, or null. */
    String misfit(int mostDimensions) {
        if (dimensions() > mostDimensions) {
            return dimensions() + " dimensions, at most " + mostDimensions;
        }
        if (Arrays.stream(sizes).anyMatch(size -> size > MAX_SIZE)) {
            return "a dimension of " + Arrays.stream(sizes).max().getAsInt() + ", at most 1023";
        }
        boolean even = Arrays.stream(strides).allMatch(stride -> stride % GRANULE == 0);
        if (!even || run % GRANULE != 0 || offset % GRANULE != 0) {
            return "a step that is no multiple of 4 bytes";
        }
        return null;
    }
}
