package io.djlnpu.onnx.structure;

import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import io.djlnpu.onnx.GraphIndex;
import io.djlnpu.onnx.OnnxNode;
import io.djlnpu.onnx.structure.Landmark.FusedAttention;
import io.djlnpu.onnx.structure.Landmark.Lookup;
import io.djlnpu.onnx.structure.Landmark.Product;
import io.djlnpu.onnx.structure.Landmark.Projection;
import io.djlnpu.onnx.weight.WeightExpression;
import io.djlnpu.onnx.weight.WeightResolver;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Finds the landmarks of a graph. */
public final class Landmarks {

    /** What masks, positions and tables of angles go through. */
    private static final Set<String> MOVE_MATRICES =
            Set.of(
                    "Add",
                    "Sub",
                    "Mul",
                    "Div",
                    "Where",
                    "Gather",
                    "GatherND",
                    "GatherElements",
                    "ScatterND",
                    "ScatterElements",
                    "Slice",
                    "Expand",
                    "Concat",
                    "And",
                    "Or",
                    "Equal",
                    "Trilu",
                    "RotaryEmbedding",
                    "MatMul",
                    "Gemm");

    private final GraphIndex index;
    private final WeightResolver resolver;
    private final NormPatterns norms;
    private final IntegerProducts integers;
    private final Map<OnnxNode, Landmark> byNode = new HashMap<>();
    private final List<Landmark> inOrder = new ArrayList<>();
    private final List<String> unreadable = new ArrayList<>();
    private final List<String> repairs = new ArrayList<>();

    public Landmarks(GraphIndex index, WeightResolver resolver) throws IOException {
        this.index = index;
        this.resolver = resolver;
        this.integers = new IntegerProducts(index, resolver);
        this.norms = new NormPatterns(index, resolver);
        for (OnnxNode node : index.graph().nodes()) {
            Landmark landmark = readable(node);
            if (landmark != null) {
                byNode.put(node, landmark);
                inOrder.add(landmark);
            }
        }
    }

    /** One encoding that cannot be read must not hide the others. */
    private Landmark readable(OnnxNode node) throws IOException {
        try {
            return classify(node);
        } catch (ModelFormatException e) {
            if (e.code() != Code.UNSUPPORTED_ENCODING) {
                throw e;
            }
            unreadable.add(e.getMessage());
            return null;
        }
    }

    /** What was put right, in words. */
    public List<String> repairs() {
        return repairs;
    }

    /** Every weight in an encoding that cannot be read, with its node. */
    public List<String> unreadable() {
        return unreadable;
    }

    /** Operators other than plumbing and landmarks that take a constant matrix, with it. */
    public List<OnnxNode> unreadMatrices() throws IOException {
        List<OnnxNode> found = new ArrayList<>();
        for (OnnxNode node : index.graph().nodes()) {
            boolean isPlumbing =
                    byNode.containsKey(node)
                            || MOVE_MATRICES.contains(node.operator())
                            || resolver.resolve(node.output(0)) != null;
            if (!isPlumbing && takesMatrix(node)) {
                found.add(node);
            }
        }
        return found;
    }

    private boolean takesMatrix(OnnxNode node) throws IOException {
        for (String input : node.inputs()) {
            WeightExpression constant = resolver.resolve(input);
            if (constant != null && matrix(constant) != null || isKernel(constant)) {
                return true;
            }
        }
        return false;
    }

    /** A linear layer written as a convolution has a matrix with trailing ones. */
    private static boolean isKernel(WeightExpression constant) {
        long[] shape = constant == null ? new long[0] : constant.shape();
        return shape.length > 2 && shape[0] > 1 && shape[1] > 1;
    }

    public GraphIndex index() {
        return index;
    }

    public WeightResolver resolver() {
        return resolver;
    }

    /** The landmark at a node, or null if the node is plumbing. */
    public Landmark at(OnnxNode node) {
        return byNode.get(node);
    }

    /** Whether a node only applies the scales of an integer product. */
    public boolean isScale(OnnxNode node) {
        return integers.isScale(node);
    }

    /** What such a node scales, or null. */
    public String scaledValue(OnnxNode node) {
        return integers.scaledValue(node);
    }

    public <T extends Landmark> Stream<T> all(Class<T> kind) {
        return inOrder.stream().filter(kind::isInstance).map(kind::cast);
    }

    private Landmark classify(OnnxNode node) throws IOException {
        return switch (node.operator()) {
            case "MatMul", "FusedMatMul" -> matMul(node);
            case "Gemm" -> gemm(node);
            case "MatMulNBits" ->
                    new Projection(node, resolver.quantized().matMulNBits(node), node.input(0));
            case "MatMulBnb4" ->
                    new Projection(node, resolver.quantized().matMulBnb4(node), node.input(0));
            case "MatMulInteger" -> matMulInteger(node);
            case "Gather" -> gather(node);
            case "GatherBlockQuantized" -> new Lookup(node, blockTable(node), node.input(1));
            case "GroupQueryAttention",
                    "MultiHeadAttention",
                    "Attention",
                    "PackedMultiHeadAttention",
                    "PagedAttention",
                    "SparseAttention" ->
                    new FusedAttention(node);
            default -> norms.match(node);
        };
    }

    /**
     * A table in blocks. GenAI's builder with {@code -p int8} gives the codes of a shared table a
     * name that nothing has; the scales are still those of the head, whose codes they are.
     */
    private WeightExpression blockTable(OnnxNode node) throws IOException {
        if (isMissing(node.input(0))) {
            for (OnnxNode user : index.consumers(node.input(2))) {
                if (user.operator().equals("MatMulNBits")) {
                    repairs.add(
                            node.label()
                                    + ": the codes of its table are not in the file; "
                                    + user.label()
                                    + " has the same scales, and its codes are taken");
                    return resolver.quantized().matMulNBits(user);
                }
            }
        }
        return resolver.quantized().gatherBlockQuantized(node);
    }

    /** A value, perhaps reshaped, that no node, constant or input of the graph is. */
    private boolean isMissing(String value) {
        String root = value;
        OnnxNode node = index.producer(root);
        for (int steps = 0;
                steps < 4 && node != null && node.operator().equals("Reshape");
                steps++) {
            root = node.input(0);
            node = index.producer(root);
        }
        String name = root;
        return node == null
                && !index.graph().initializers().containsKey(name)
                && index.graph().inputs().stream().noneMatch(input -> input.name().equals(name));
    }

    private Landmark matMul(OnnxNode node) throws IOException {
        WeightExpression left = matrix(resolver.resolve(node.input(0)));
        WeightExpression right = matrix(resolver.resolve(node.input(1)));
        if (right != null && left == null && node.integer("transA", 0) == 0) {
            return new Projection(node, outputsFirst(node, right), node.input(0));
        }
        return left == null && right == null && isVariable(node, 0) && isVariable(node, 1)
                ? new Product(node)
                : null;
    }

    private Landmark gemm(OnnxNode node) throws IOException {
        WeightExpression weight = matrix(resolver.resolve(node.input(1)));
        if (weight == null || !isVariable(node, 0) || node.integer("transA", 0) != 0) {
            return null;
        }
        return new Projection(node, outputsFirst(node, weight), node.input(0));
    }

    /** {@code [outputs, inputs]}, with the number that fused operators multiply by. */
    private static WeightExpression outputsFirst(OnnxNode node, WeightExpression weight) {
        WeightExpression turned = node.integer("transB", 0) == 1 ? weight : weight.transposed();
        float alpha = node.real("alpha", 1);
        return alpha == 1 ? turned : turned.scaled(alpha);
    }

    private Landmark matMulInteger(OnnxNode node) throws IOException {
        if (matrix(resolver.resolve(node.input(1))) == null) {
            return new Product(node);
        }
        WeightExpression weight = integers.weight(node, 1);
        return weight == null ? null : new Projection(node, weight.transposed(), node.input(0));
    }

    private Landmark gather(OnnxNode node) throws IOException {
        WeightExpression table = matrix(resolver.resolve(node.input(0)));
        if (table == null || node.integer("axis", 0) != 0 || !isVariable(node, 1)) {
            return null;
        }
        return new Lookup(node, dequantizedTable(node, table), node.input(1));
    }

    /** Integer tables are looked up first and dequantised after. */
    private WeightExpression dequantizedTable(OnnxNode node, WeightExpression table)
            throws IOException {
        for (OnnxNode user : index.consumers(node.output(0))) {
            if (user.operator().equals("DequantizeLinear")
                    && user.input(0).equals(node.output(0))) {
                WeightExpression scale = resolver.resolve(user.input(1));
                if (scale != null) {
                    return resolver.quantized()
                            .dequantize(user, table, scale, resolver.resolve(user.input(2)), 1, 0);
                }
            }
        }
        return table;
    }

    private boolean isVariable(OnnxNode node, int input) throws IOException {
        return !node.input(input).isEmpty() && resolver.resolve(node.input(input)) == null;
    }

    /** A constant that is a matrix once leading ones are dropped; vectors are not. */
    private static WeightExpression matrix(WeightExpression constant) {
        if (constant == null) {
            return null;
        }
        long[] shape = constant.shape();
        for (int i = 0; i + 2 < shape.length; i++) {
            if (shape[i] != 1) {
                return null;
            }
        }
        boolean isMatrix = shape.length >= 2 && constant.rows() > 1 && constant.columns() > 1;
        return isMatrix ? constant : null;
    }
}
