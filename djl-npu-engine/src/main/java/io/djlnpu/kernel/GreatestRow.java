package io.djlnpu.kernel;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.djlnpu.simd.SimdProvider;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** Finds the greatest row of a product while its shares compute it, in whatever order. */
final class GreatestRow {

    private static final int NONE = -1;

    private final SimdProvider simd;
    private final MemorySegment product;
    private final int rows;
    private int[] best = new int[0];

    /**
     * Watches a product.
     *
     * @param rows rows that count; what is behind them is padding
     */
    GreatestRow(SimdProvider simd, MemorySegment product, int rows) {
        this.simd = simd;
        this.product = product;
        this.rows = rows;
    }

    /** Forgets the last product. */
    void begin(int shares) {
        if (best.length != shares) {
            best = new int[shares];
        }
        Arrays.fill(best, NONE);
    }

    /** Takes rows that a share has just computed; those of a share come in order. */
    void take(int share, long firstRow, int count) {
        int counting = (int) Math.min(count, rows - firstRow);
        if (counting <= 0) {
            return;
        }
        int found = (int) simd.elementwise().greatest(product, firstRow, counting);
        if (best[share] == NONE || isGreater(found, best[share])) {
            best[share] = found;
        }
    }

    /** The greatest of all rows, the first among equals; shares own rows in order. */
    int row() {
        int row = 0;
        for (int candidate : best) {
            if (candidate != NONE && isGreater(candidate, row)) {
                row = candidate;
            }
        }
        return row;
    }

    /** Anything is greater than what is no number, which no comparison would ever replace. */
    private boolean isGreater(int row, int other) {
        return value(row) > value(other) || Float.isNaN(value(other)) && !Float.isNaN(value(row));
    }

    private float value(int row) {
        return product.getAtIndex(JAVA_FLOAT, row);
    }
}
