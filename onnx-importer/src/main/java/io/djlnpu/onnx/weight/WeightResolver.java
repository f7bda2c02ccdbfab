package io.djlnpu.onnx.weight;

import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import io.djlnpu.numeric.Bfloat16;
import io.djlnpu.onnx.ElementType;
import io.djlnpu.onnx.GraphIndex;
import io.djlnpu.onnx.OnnxAttribute;
import io.djlnpu.onnx.OnnxNode;
import io.djlnpu.onnx.OnnxTensor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;

/** Follows a value back to what is stored, or finds that it depends on the model's input. */
public final class WeightResolver {

    private static final int DEEPEST = 64;

    /** Operations that reading one element may take: two more for each of 64 doublings. */
    private static final int MOST_OPERATIONS = 512;

    private static final int LONGEST = 1 << 30;

    /** A shape, or the lengths of a split. */
    private static final int MOST_INTEGERS = 4096;

    /** Positions that a table is looked up at, one after the other. */
    private static final int MOST_POSITIONS = 1 << 16;

    /** Operations on elements that are read while a graph is understood: a few seconds. */
    private static final long MOST_READING = 1 << 26;

    private final GraphIndex index;
    private final QuantizedOperators quantized = new QuantizedOperators(this);
    private final Map<String, WeightExpression> known = new HashMap<>();
    private final Map<String, Integer> operations = new HashMap<>();
    private final Map<WeightExpression, Integer> operationsByExpression = new IdentityHashMap<>();
    private final Map<String, long[]> integers = new HashMap<>();
    private final Set<String> variable = new HashSet<>();
    private long charged;
    private int depth;
    private int operationsBelow;

    /**
     * Starts on a graph.
     *
     * @param index the graph
     */
    public WeightResolver(GraphIndex index) {
        this.index = index;
    }

    /**
     * Returns the graph.
     *
     * @return the index given at the start
     */
    public GraphIndex index() {
        return index;
    }

    /**
     * Returns the operators that hold quantised weights.
     *
     * @return the readers
     */
    public QuantizedOperators quantized() {
        return quantized;
    }

    /**
     * Follows a value.
     *
     * @param value the value's name, possibly empty
     * @return the expression, or null if the value is absent or not constant
     * @throws IOException if a constant on the way is malformed
     */
    public WeightExpression resolve(String value) throws IOException {
        if (value.isEmpty() || variable.contains(value)) {
            return null;
        }
        WeightExpression expression = known.get(value);
        if (expression != null) {
            operationsBelow += operations.get(value);
            return expression;
        }
        // a cycle is not constant; marking first ends it
        variable.add(value);
        if (++depth > DEEPEST) {
            throw new ModelFormatException(
                    Code.LIMIT_EXCEEDED,
                    index.file() + ": more than " + DEEPEST + " operations on one constant");
        }
        int beside = operationsBelow;
        operationsBelow = 0;
        try {
            expression = compute(value);
        } catch (ArithmeticException | IndexOutOfBoundsException e) {
            throw new ModelFormatException(
                    Code.MALFORMED,
                    where(value) + ": attributes that fit no shape; the file is damaged",
                    e);
        } finally {
            depth--;
        }
        if (expression == null) {
            operationsBelow = beside;
            return null;
        }
        check(value, expression);
        variable.remove(value);
        known.put(value, expression);
        operations.put(value, operationsBelow + 1);
        operationsByExpression.merge(expression, operationsBelow + 1, Math::max);
        operationsBelow = Math.min(beside + operationsBelow + 1, MOST_OPERATIONS);
        return expression;
    }

    /** What is resolved can be read in bounded time, and counted in ints. */
    private void check(String value, WeightExpression expression) throws ModelFormatException {
        long rows = 1;
        long[] shape = expression.shape();
        for (int i = 0; i + 1 < shape.length; i++) {
            rows = Math.multiplyHigh(rows, shape[i]) == 0 ? rows * shape[i] : Long.MAX_VALUE;
        }
        long columns = shape.length == 0 ? 1 : shape[shape.length - 1];
        boolean counts =
                shape.length <= Shapes.HIGHEST_RANK
                        && rows >= 0
                        && rows <= LONGEST
                        && columns >= 0
                        && columns <= LONGEST;
        if (!counts || operationsBelow >= MOST_OPERATIONS) {
            throw new ModelFormatException(
                    Code.LIMIT_EXCEEDED,
                    where(value)
                            + ": a constant of shape "
                            + Arrays.toString(shape)
                            + " behind "
                            + operationsBelow
                            + " operations; no model needs that");
        }
    }

    private String where(String value) {
        OnnxNode node = index.producer(value);
        return index.file() + ": " + (node == null ? "tensor '" + value + "'" : node.label());
    }

    /**
     * Counts what is read while a graph is understood, so that no file can make that take long.
     *
     * @param expression what this resolver returned, about to be read
     * @param elements how many of its elements
     * @throws ModelFormatException if that is more than any model needs, all readings together
     */
    public void charge(WeightExpression expression, long elements) throws ModelFormatException {
        charged += elements * operationsByExpression.getOrDefault(expression, 1);
        if (charged > MOST_READING) {
            throw new ModelFormatException(
                    Code.LIMIT_EXCEEDED,
                    index.file()
                            + ": more than "
                            + MOST_READING
                            + " operations on elements of constants before it is clear what the"
                            + " graph is; no model needs that");
        }
    }

    /**
     * Reads a small constant array of integers, such as a shape.
     *
     * @param value the value's name
     * @return the integers, or null if it is not a small constant
     * @throws IOException if it is malformed
     */
    public long[] integers(String value) throws IOException {
        return integers(value, MOST_INTEGERS);
    }

    private long[] integers(String value, int most) throws IOException {
        WeightExpression expression = resolve(value);
        if (expression == null || expression.elements() > most) {
            return null;
        }
        long[] read = integers.get(value);
        if (read == null) {
            charge(expression, expression.elements());
            read = readIntegers(expression);
            integers.put(value, read);
        }
        return read.clone();
    }

    private static long[] readIntegers(WeightExpression expression) throws IOException {
        WeightExpression source = expression;
        while (source instanceof Views.Reshaped reshaped) {
            source = reshaped.source();
        }
        if (source instanceof StoredWeight leaf) {
            return leaf.tensor().integers();
        }
        float[] values = expression.readAll();
        long[] numbers = new long[values.length];
        for (int i = 0; i < values.length; i++) {
            numbers[i] = (long) values[i];
        }
        return numbers;
    }

    private WeightExpression compute(String value) throws IOException {
        OnnxTensor tensor = index.graph().initializers().get(value);
        if (tensor != null) {
            return new StoredWeight(tensor);
        }
        OnnxNode node = index.producer(value);
        if (node == null) {
            return null;
        }
        // ONNX Runtime's own operator of that name, from before ONNX's could do the same
        boolean contributed =
                node.operator().equals("DequantizeLinear") && node.domain().equals("com.microsoft");
        if (!node.domain().isEmpty() && !contributed) {
            return null;
        }
        return switch (node.operator()) {
            case "Constant" -> constant(node);
            case "Identity", "CastLike" -> resolve(node.input(0));
            case "Cast" -> cast(node);
            case "Transpose" -> transpose(node);
            case "Reshape", "Unsqueeze", "Squeeze", "Flatten" -> reshape(node);
            case "Gather" -> gatherAll(node);
            case "Split" -> split(node, node.outputs().indexOf(value));
            case "Slice" -> slice(node);
            case "Concat" -> concat(node);
            case "Add" -> combine(node, Double::sum);
            case "Sub" -> combine(node, (a, b) -> a - b);
            case "Mul" -> combine(node, (a, b) -> a * b);
            case "Div" -> combine(node, (a, b) -> a / b);
            case "Pow" -> combine(node, Math::pow);
            case "Neg" -> map(node, a -> -a);
            case "Sqrt" -> map(node, Math::sqrt);
            case "Reciprocal" -> map(node, a -> 1 / a);
            case "DequantizeLinear" -> quantized.dequantizeLinear(node);
            default -> null;
        };
    }

    private WeightExpression constant(OnnxNode node) {
        OnnxAttribute value = node.attributes().get("value");
        if (value != null && value.tensor() != null) {
            return new StoredWeight(value.tensor());
        }
        for (String name : List.of("value_float", "value_floats")) {
            OnnxAttribute reals = node.attributes().get(name);
            if (reals != null) {
                long[] shape = name.endsWith("s") ? new long[] {reals.reals().length} : new long[0];
                return new Literal(reals.reals(), shape);
            }
        }
        for (String name : List.of("value_int", "value_ints")) {
            OnnxAttribute integers = node.attributes().get(name);
            if (integers != null) {
                float[] values = new float[integers.integers().length];
                for (int i = 0; i < values.length; i++) {
                    values[i] = integers.integers()[i];
                }
                return new Literal(
                        values, name.endsWith("s") ? new long[] {values.length} : new long[0]);
            }
        }
        return null;
    }

    private WeightExpression cast(OnnxNode node) throws IOException {
        WeightExpression source = resolve(node.input(0));
        if (source == null) {
            return null;
        }
        long to = node.integer("to", 0);
        if (to == ElementType.FLOAT16.code()) {
            return new Elementwise.Mapped(
                    source, a -> Float.float16ToFloat(Float.floatToFloat16((float) a)), true);
        }
        if (to == ElementType.BFLOAT16.code()) {
            return new Elementwise.Mapped(source, a -> Bfloat16.round((float) a), true);
        }
        return source;
    }

    private WeightExpression transpose(OnnxNode node) throws IOException {
        WeightExpression source = resolve(node.input(0));
        if (source == null) {
            return null;
        }
        OnnxAttribute order = node.attributes().get("perm");
        int rank = source.shape().length;
        boolean swaps =
                rank == 2 && (order == null || Arrays.equals(order.integers(), new long[] {1, 0}));
        if (swaps) {
            return source.transposed();
        }
        return rank == 1 ? source : null;
    }

    private WeightExpression reshape(OnnxNode node) throws IOException {
        WeightExpression source = resolve(node.input(0));
        if (source == null) {
            return null;
        }
        if (!node.operator().equals("Reshape")) {
            return Shapes.apply(node, source, integers(node.input(1)));
        }
        long[] shape = integers(node.input(1));
        return shape == null ? null : Shapes.reshape(source, shape);
    }

    /** Positions are looked up in a table by the constant 0, 1, 2, ...: that is the table. */
    private WeightExpression gatherAll(OnnxNode node) throws IOException {
        WeightExpression table = resolve(node.input(0));
        long[] rows = integers(node.input(1), MOST_POSITIONS);
        if (table == null || rows == null || node.integer("axis", 0) != 0) {
            return null;
        }
        if (table.shape().length != 2 || rows.length != table.rows()) {
            return null;
        }
        charge(table, rows.length);
        for (int i = 0; i < rows.length; i++) {
            if (rows[i] != i) {
                return null;
            }
        }
        return table;
    }

    private WeightExpression split(OnnxNode node, int output) throws IOException {
        WeightExpression source = resolve(node.input(0));
        if (source == null || source.shape().length > 2) {
            return null;
        }
        boolean rows = Shapes.isRowAxis(node.integer("axis", 0), source);
        int length = rows ? source.rows() : source.columns();
        long[] range = Shapes.splitRange(node, integers(node.input(1)), output, length);
        return range == null ? null : Shapes.slice(source, rows, range[0], range[1]);
    }

    private WeightExpression slice(OnnxNode node) throws IOException {
        WeightExpression source = resolve(node.input(0));
        long[] starts = integers(node.input(1));
        long[] ends = integers(node.input(2));
        long[] axes = integers(node.input(3));
        long[] steps = node.input(4).isEmpty() ? new long[] {1} : integers(node.input(4));
        boolean plain =
                source != null
                        && source.shape().length <= 2
                        && starts != null
                        && ends != null
                        && steps != null
                        && starts.length == 1
                        && ends.length == 1
                        && steps.length == 1
                        && steps[0] == 1;
        if (!plain) {
            return null;
        }
        boolean rows = Shapes.isRowAxis(axes == null ? 0 : axes[0], source);
        int length = rows ? source.rows() : source.columns();
        long start = Math.clamp(starts[0] < 0 ? starts[0] + length : starts[0], 0, length);
        long end = Math.clamp(ends[0] < 0 ? ends[0] + length : ends[0], start, length);
        return Shapes.slice(source, rows, start, end);
    }

    private WeightExpression concat(OnnxNode node) throws IOException {
        List<WeightExpression> parts = new ArrayList<>();
        for (String input : node.inputs()) {
            WeightExpression part = resolve(input);
            if (part == null || part.shape().length > 2) {
                return null;
            }
            parts.add(part);
        }
        return parts.isEmpty() ? null : Shapes.concat(parts, node.integer("axis", 0));
    }

    private WeightExpression combine(OnnxNode node, DoubleBinaryOperator function)
            throws IOException {
        WeightExpression left = resolve(node.input(0));
        WeightExpression right = resolve(node.input(1));
        if (left == null || right == null || !Shapes.broadcast(left, right)) {
            return null;
        }
        return new Elementwise.Combined(left, right, function);
    }

    private WeightExpression map(OnnxNode node, DoubleUnaryOperator function) throws IOException {
        WeightExpression source = resolve(node.input(0));
        return source == null ? null : new Elementwise.Mapped(source, function, false);
    }
}
