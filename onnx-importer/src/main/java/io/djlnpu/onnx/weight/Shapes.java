package io.djlnpu.onnx.weight;

import io.djlnpu.onnx.OnnxAttribute;
import io.djlnpu.onnx.OnnxNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The rules by which ONNX's operators change shapes. */
final class Shapes {

    /** The most dimensions that anything here has. */
    static final int HIGHEST_RANK = 8;

    private Shapes() {}

    /** Reshape: 0 keeps a length, -1 takes what is left; null if the elements do not fit. */
    static WeightExpression reshape(WeightExpression source, long[] wanted) {
        long[] from = source.shape();
        long[] shape = wanted.clone();
        long product = 1;
        int open = -1;
        for (int i = 0; i < shape.length; i++) {
            if (shape[i] == 0 && i < from.length) {
                shape[i] = from[i];
            }
            if (shape[i] == -1 && open < 0) {
                open = i;
            } else if (shape[i] < 0 || shape[i] > Integer.MAX_VALUE) {
                return null;
            } else {
                product = Math.multiplyExact(product, shape[i]);
            }
        }
        if (open >= 0) {
            shape[open] = product == 0 ? 0 : source.elements() / product;
            product *= shape[open];
        }
        return product == source.elements() ? new Views.Reshaped(source, shape) : null;
    }

    /** Unsqueeze, Squeeze and Flatten. */
    static WeightExpression apply(OnnxNode node, WeightExpression source, long[] axesInput) {
        OnnxAttribute attribute = node.attributes().get("axes");
        long[] axes = axesInput != null || attribute == null ? axesInput : attribute.integers();
        boolean sound =
                axes == null
                        || axes.length <= HIGHEST_RANK
                                && Arrays.stream(axes).allMatch(a -> Math.abs(a) <= HIGHEST_RANK);
        if (!sound) {
            return null;
        }
        long[] from = source.shape();
        List<Long> shape = new ArrayList<>();
        switch (node.operator()) {
            case "Flatten" -> {
                long axis = node.integer("axis", 1);
                if (axis < 0 || axis > from.length) {
                    return null;
                }
                long rows = 1;
                for (int i = 0; i < Math.min(axis, from.length); i++) {
                    rows *= from[i];
                }
                shape.add(rows);
                shape.add(rows == 0 ? 0 : source.elements() / rows);
            }
            case "Squeeze" -> {
                for (int i = 0; i < from.length; i++) {
                    if (from[i] != 1 || axes != null && !contains(axes, i, from.length)) {
                        shape.add(from[i]);
                    }
                }
            }
            default -> {
                if (axes == null) {
                    return null;
                }
                int rank = from.length + axes.length;
                int next = 0;
                for (int i = 0; i < rank; i++) {
                    boolean added = contains(axes, i, rank) || next >= from.length;
                    shape.add(added ? 1L : from[next++]);
                }
            }
        }
        long[] lengths = shape.stream().mapToLong(Long::longValue).toArray();
        return new Views.Reshaped(source, lengths);
    }

    private static boolean contains(long[] axes, int axis, int rank) {
        return Arrays.stream(axes).anyMatch(a -> (a < 0 ? a + rank : a) == axis);
    }

    /** Tells whether an axis of an array of at most two dimensions is its rows. */
    static boolean isRowAxis(long axis, WeightExpression source) {
        int rank = source.shape().length;
        return rank == 2 && (axis < 0 ? axis + rank : axis) == 0;
    }

    /** The range {@code [start, end)} of one output of a Split, or null if it is not constant. */
    static long[] splitRange(OnnxNode node, long[] lengthsInput, int output, long length) {
        OnnxAttribute attribute = node.attributes().get("split");
        long[] lengths =
                lengthsInput != null || attribute == null ? lengthsInput : attribute.integers();
        if (lengths == null) {
            if (!node.input(1).isEmpty()) {
                return null;
            }
            lengths = new long[node.outputs().size()];
            Arrays.fill(lengths, Math.ceilDiv(length, lengths.length));
        }
        if (output < 0 || output >= lengths.length) {
            return null;
        }
        long start = 0;
        for (int i = 0; i < output; i++) {
            start += lengths[i];
        }
        long end = Math.min(start + lengths[output], length);
        return start < 0 || end <= start ? null : new long[] {start, end};
    }

    static WeightExpression slice(WeightExpression source, boolean rows, long start, long end) {
        int from = (int) start;
        int count = (int) (end - start);
        Views.Sliced window =
                rows
                        ? new Views.Sliced(source, from, count, 0, source.columns())
                        : new Views.Sliced(source, 0, source.rows(), from, count);
        return source.shape().length == 1 ? new Views.Reshaped(window, new long[] {count}) : window;
    }

    static WeightExpression concat(List<WeightExpression> parts, long axis) {
        int rank = parts.get(0).shape().length;
        boolean rows = isRowAxis(axis, parts.get(0));
        int width = rows ? parts.get(0).columns() : parts.get(0).rows();
        for (WeightExpression part : parts) {
            if (part.shape().length != rank || (rows ? part.columns() : part.rows()) != width) {
                return null;
            }
        }
        if (rows) {
            return new Views.Stacked(parts);
        }
        List<WeightExpression> turned = new ArrayList<>();
        for (WeightExpression part : parts) {
            turned.add(part.transposed());
        }
        WeightExpression joined = new Views.Stacked(turned).transposed();
        return rank < 2 ? new Views.Reshaped(joined, new long[] {joined.elements()}) : joined;
    }

    /** Tells whether two arrays agree up to scalars, single rows and single columns. */
    static boolean broadcast(WeightExpression left, WeightExpression right) {
        WeightExpression larger = left.elements() >= right.elements() ? left : right;
        WeightExpression smaller = larger == left ? right : left;
        return (smaller.rows() == 1 || smaller.rows() == larger.rows())
                && (smaller.columns() == 1 || smaller.columns() == larger.columns());
    }
}
