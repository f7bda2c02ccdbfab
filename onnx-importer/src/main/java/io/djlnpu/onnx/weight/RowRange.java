package io.djlnpu.onnx.weight;

import io.djlnpu.onnx.OnnxNode;
import java.io.IOException;

/**
 * A part of a projection's outputs, told by the Split or Slice behind it.
 *
 * @param start the first output
 * @param end one past the last output
 */
public record RowRange(long start, long end) {

    /**
     * Reads the range that a node cuts from the last axis of its input.
     *
     * @param node the node
     * @param output which of its outputs
     * @param resolver reads lengths and bounds
     * @return the range, or null if the node cuts nothing from the last axis
     * @throws IOException if a constant is malformed
     */
    public static RowRange of(OnnxNode node, String output, WeightResolver resolver)
            throws IOException {
        if (node.operator().equals("Split")) {
            int which = node.outputs().indexOf(output);
            if (!isLast(node.integer("axis", 0), node, resolver)) {
                return null;
            }
            long[] lengths = resolver.integers(node.input(1));
            if (lengths == null && node.attributes().get("split") == null) {
                // equal parts: only their number is known here
                return new RowRange(-1 - which, node.outputs().size());
            }
            long[] range = Shapes.splitRange(node, lengths, which, Long.MAX_VALUE);
            return range == null ? null : new RowRange(range[0], range[1]);
        }
        if (node.operator().equals("Slice")) {
            long[] starts = resolver.integers(node.input(1));
            long[] ends = resolver.integers(node.input(2));
            long[] axes = resolver.integers(node.input(3));
            boolean lastAxis =
                    starts != null
                            && ends != null
                            && axes != null
                            && axes.length == 1
                            && starts.length == 1
                            && ends.length == 1
                            && isLast(axes[0], node, resolver)
                            && starts[0] >= 0;
            return lastAxis ? new RowRange(starts[0], ends[0]) : null;
        }
        return null;
    }

    /** Activations have three dimensions, or two where they were flattened. */
    private static boolean isLast(long axis, OnnxNode node, WeightResolver resolver)
            throws IOException {
        return axis == -1 || axis == 2 || axis == 1 && isFlat(node.input(0), resolver);
    }

    private static boolean isFlat(String value, WeightResolver resolver) throws IOException {
        OnnxNode node = resolver.index().producer(value);
        for (int steps = 0; steps < 8 && node != null; steps++) {
            switch (node.operator()) {
                case "Gemm", "Flatten" -> {
                    return true;
                }
                case "Reshape" -> {
                    long[] shape = resolver.integers(node.input(1));
                    return shape != null && shape.length == 2;
                }
                case "Cast", "Identity", "MatMul", "FusedMatMul", "MatMulNBits", "MatMulInteger" ->
                        node = resolver.index().producer(node.input(0));
                default -> {
                    return false;
                }
            }
        }
        return false;
    }

    /**
     * Places a range that was cut later inside this one.
     *
     * @param later a range of this range, or null
     * @return the range in terms of the whole
     */
    public RowRange within(RowRange later) {
        if (later == null || start < 0 || later.start < 0) {
            return this;
        }
        return new RowRange(start + later.start, Math.min(end, start + later.end));
    }

    /**
     * Cuts the range out of a matrix.
     *
     * @param matrix the whole, {@code [outputs, inputs]}
     * @return its rows
     */
    public WeightExpression of(WeightExpression matrix) {
        int rows = matrix.rows();
        if (start < 0) {
            int part = Math.toIntExact(rows / end);
            return matrix.rowRange((int) (-1 - start) * part, part);
        }
        int first = (int) Math.min(start, rows);
        int last = Math.clamp(end, first, rows);
        return matrix.rowRange(first, last - first);
    }
}
