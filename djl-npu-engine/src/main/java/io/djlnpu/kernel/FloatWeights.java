package io.djlnpu.kernel;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.djlnpu.numeric.Bfloat16;
import io.djlnpu.q4nx.Q4nxFormat;
import io.djlnpu.simd.Panels;
import io.djlnpu.simd.SimdProvider;
import java.lang.foreign.MemorySegment;

/**
 * A matrix whose weights are numbers as they are, not codes: float32, or values that were widened
 * from bf16.
 *
 * <p><b>Shape</b>: {@code [outputs, columns]}; outputs that fill the last block of 32 rows are 0.
 */
public final class FloatWeights implements Projection {

    private final String name;
    private final int outputs;
    private final int columns;
    private final float[] values;

    /**
     * Takes weights.
     *
     * @param name the tensor's name
     * @param outputs rows
     * @param columns inputs
     * @param values {@code [outputs, columns]}, not to be changed any more
     * @throws IllegalArgumentException if there are not as many values
     */
    public FloatWeights(String name, int outputs, int columns, float[] values) {
        if ((long) outputs * columns != values.length) {
            throw new IllegalArgumentException(
                    "'%s': %d values, expected %d x %d"
                            .formatted(name, values.length, outputs, columns));
        }
        this.name = name;
        this.outputs = outputs;
        this.columns = columns;
        this.values = values;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int rows() {
        return rowBlocks() * Panels.ROWS;
    }

    /**
     * Returns the outputs without padding.
     *
     * @return rows that have weights
     */
    public int outputs() {
        return outputs;
    }

    @Override
    public int columns() {
        return columns;
    }

    @Override
    public int paddedColumns() {
        return Q4nxFormat.paddedColumns(columns);
    }

    @Override
    public int rowBlocks() {
        return Math.ceilDiv(outputs, Panels.ROWS);
    }

    @Override
    public int columnBlocks() {
        return paddedColumns() / Panels.COLUMNS;
    }

    @Override
    public int expand(
            SimdProvider simd,
            int rowBlock,
            int columnBlock,
            boolean narrow,
            MemorySegment panel,
            MemorySegment scratch) {
        int first = columnBlock * Panels.COLUMNS;
        int count = Math.min(Panels.COLUMNS, columns - first);
        for (int r = 0; r < Panels.ROWS; r++) {
            int row = rowBlock * Panels.ROWS + r;
            for (int c = 0; c < count; c++) {
                float value = row < outputs ? values[row * columns + first + c] : 0;
                panel.setAtIndex(
                        JAVA_FLOAT,
                        (long) c * Panels.ROWS + r,
                        narrow ? Bfloat16.round(value) : value);
            }
        }
        return count;
    }
}
