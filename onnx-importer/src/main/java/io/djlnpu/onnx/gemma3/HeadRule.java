package io.djlnpu.onnx.gemma3;

import io.djlnpu.onnx.weight.WeightExpression;
import java.io.IOException;
import java.util.Arrays;

/**
 * Decides whether the head is the embedding table.
 *
 * <p>Gemma 3 ties them. A file may still hold two copies, of which the head is less precise: then
 * the table serves as both. Two copies in equal precision that differ are an untied model.
 */
final class HeadRule {

    private static final int SAMPLES = 16;
    private static final int ROWS = 8;

    private HeadRule() {}

    /**
     * Tells whether the table can stand for the head.
     *
     * @param table the table
     * @param head the head
     * @param untied whether the configuration says that they differ
     */
    static boolean tied(WeightExpression table, WeightExpression head, boolean untied)
            throws IOException {
        if (untied || table.rows() != head.rows() || table.columns() != head.columns()) {
            return false;
        }
        return table.bits() > head.bits() || sampledRowsEqual(table, head);
    }

    private static boolean sampledRowsEqual(WeightExpression table, WeightExpression head)
            throws IOException {
        int rows = Math.min(ROWS, table.rows());
        float[] left = new float[rows * table.columns()];
        float[] right = new float[left.length];
        for (int i = 0; i < SAMPLES; i++) {
            int first = (int) ((long) (table.rows() - rows) * i / (SAMPLES - 1));
            table.read(first, rows, 0, table.columns(), left);
            head.read(first, rows, 0, table.columns(), right);
            if (!Arrays.equals(left, right)) {
                return false;
            }
        }
        return true;
    }
}
