package io.djlnpu.onnx.naming;

import io.djlnpu.onnx.weight.WeightExpression;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/**
 * Decides whether the head is the embedding table.
 *
 * <p>Gemma 3 ties them. A file may still hold two copies, of which the head is less precise: then
 * the table serves as both. Two copies in equal precision that differ are an untied model.
 */
final class HeadRule {

    private static final int SAMPLES = 128;
    private static final int WIDEST = 1 << 20;

    private HeadRule() {}

    /**
     * Tells whether the table can stand for the head.
     *
     * @param table the table
     * @param head the head
     * @param untied whether the configuration says that they differ
     * @param warnings told where one has more rows than the other
     */
    static boolean tied(
            WeightExpression table, WeightExpression head, boolean untied, List<String> warnings)
            throws IOException {
        boolean comparable = table.columns() == head.columns() && table.columns() <= WIDEST;
        if (untied || !comparable) {
            return false;
        }
        boolean tied = table.bits() > head.bits() || sampledRowsEqual(table, head);
        if (tied && table.rows() != head.rows()) {
            // the models that see have 64 more ids than those that do not
            warnings.add(
                    "lm_head: "
                            + head.rows()
                            + " rows, the table has "
                            + table.rows()
                            + ", equal as far as both go; the table serves as both");
        }
        return tied;
    }

    /** One row at a time: what claims to be large is not read at once. */
    private static boolean sampledRowsEqual(WeightExpression table, WeightExpression head)
            throws IOException {
        int rows = Math.min(table.rows(), head.rows());
        float[] left = new float[table.columns()];
        float[] right = new float[left.length];
        for (int i = 0; i < SAMPLES; i++) {
            int row = (int) ((rows - 1L) * i / (SAMPLES - 1));
            table.read(row, 1, 0, left.length, left);
            head.read(row, 1, 0, right.length, right);
            if (!Arrays.equals(left, right)) {
                return false;
            }
        }
        return true;
    }
}
