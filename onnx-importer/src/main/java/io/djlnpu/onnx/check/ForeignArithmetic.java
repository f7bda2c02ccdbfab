package io.djlnpu.onnx.check;

import io.djlnpu.onnx.OnnxNode;
import io.djlnpu.onnx.structure.Landmark.Norm;
import io.djlnpu.onnx.structure.Landmark.Projection;
import io.djlnpu.onnx.structure.Landmarks;
import io.djlnpu.onnx.weight.WeightExpression;
import io.djlnpu.onnx.weight.WeightResolver;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What changes values between the landmarks of a decoder and is none of Gemma 3's own: a bias, a
 * smoothing factor, a multiplied branch. Nothing in a bundle could hold it, so a graph that has it
 * computes something else than the bundle would.
 *
 * <p>Constants that change nothing (adding zeros, multiplying by ones, clipping where float16 ends)
 * are left alone, and so are the scales of integer products, which belong to their weights.
 */
public final class ForeignArithmetic {

    /** Operators that hand elements on, unchanged but for their place and precision. */
    public static final Set<String> PASSES =
            Set.of(
                    "Cast",
                    "CastLike",
                    "Identity",
                    "Dropout",
                    "Reshape",
                    "Flatten",
                    "Unsqueeze",
                    "Squeeze",
                    "Transpose",
                    "Expand",
                    "Tile",
                    "Slice",
                    "Split",
                    "Concat",
                    "Pad",
                    "Gather",
                    "GatherElements",
                    "GatherND",
                    "ScatterElements",
                    "ScatterND",
                    "DynamicQuantizeLinear",
                    "QuantizeLinear",
                    "DequantizeLinear",
                    "Memcpy",
                    "MemcpyFromHost",
                    "MemcpyToHost",
                    "Shape",
                    "Size",
                    "Range",
                    "ConstantOfShape",
                    "NonZero",
                    "EyeLike");

    /** What else turns queries and keys, besides sums and products. */
    private static final Set<String> ROTATES = Set.of("RotaryEmbedding", "Neg", "Where");

    private static final Set<String> ARITHMETIC = Set.of("Add", "Sub", "Mul", "Div", "Pow");
    private static final String CONSTANT =
            "changes values by a constant that Gemma 3 does not have (a bias, a smoothing factor or"
                    + " a multiplier); export the model without it";
    private static final String INTERLEAVED =
            "rotates neighbouring elements (interleaved); Gemma 3 rotates the two halves of a head";
    private static final String OPERATOR = "changes values where Gemma 3 does not";

    /** Exporters clip at what float16 can hold, or a little below. */
    private static final float WIDE = 30_000;

    private static final int MOST_ELEMENTS = 1 << 20;

    private final Landmarks landmarks;
    private final WeightResolver resolver;
    private final Map<String, Set<OnnxNode>> found = new LinkedHashMap<>();

    public ForeignArithmetic(Landmarks landmarks) {
        this.landmarks = landmarks;
        this.resolver = landmarks.resolver();
    }

    /** Each kind with the nodes that show it. */
    public List<String> problems() {
        List<String> problems = new ArrayList<>();
        found.forEach(
                (what, nodes) -> problems.add(Refusals.listed(List.copyOf(nodes)) + ": " + what));
        return problems;
    }

    private void report(OnnxNode node, String what) {
        found.computeIfAbsent(what, key -> new LinkedHashSet<>()).add(node);
    }

    /** Between two landmarks where nothing is computed. */
    public void between(Collection<OnnxNode> nodes) throws IOException {
        for (OnnxNode node : nodes) {
            Side side = passes(node) ? Side.NEUTRAL : side(node);
            if (side != Side.NEUTRAL) {
                report(node, side == Side.OTHER ? CONSTANT : OPERATOR);
            }
        }
    }

    /** The residual stream, where what the blocks return is added. */
    public void stream(Collection<OnnxNode> nodes) throws IOException {
        for (OnnxNode node : nodes) {
            Side side = passes(node) ? Side.NEUTRAL : side(node);
            boolean sum = side == Side.NONE && node.operator().equals("Add");
            if (side != Side.NEUTRAL && !sum) {
                report(node, side == Side.OTHER ? CONSTANT : OPERATOR);
            }
        }
    }

    /**
     * From a norm of queries or keys to attention: rotation, a scale, and nothing else. What the
     * angles are computed with lies beside the way and is not looked at.
     *
     * @param nodes what leads to attention
     * @param behind what follows from the norm
     */
    public void rotation(Collection<OnnxNode> nodes, Collection<OnnxNode> behind)
            throws IOException {
        Set<OnnxNode> onTheWay = new HashSet<>(behind);
        for (OnnxNode node : nodes) {
            if (!onTheWay.contains(node) || passes(node)) {
                continue;
            }
            if (node.operator().equals("RotaryEmbedding") && node.integer("interleaved", 0) != 0) {
                report(node, INTERLEAVED);
            }
            boolean product = Set.of("Mul", "Div").contains(node.operator());
            switch (side(node)) {
                case OTHER -> {
                    if (!product || !turnsOrScales(node)) {
                        report(node, CONSTANT);
                    }
                }
                case NONE -> {
                    boolean known =
                            product
                                    || Set.of("Add", "Sub").contains(node.operator())
                                    || ROTATES.contains(node.operator());
                    if (!known) {
                        report(node, OPERATOR);
                    }
                }
                default -> {}
            }
        }
    }

    /** A scale, signs that turn half of a head, or a table of all positions. */
    private boolean turnsOrScales(OnnxNode node) throws IOException {
        WeightExpression constant = constant(node);
        return constant.elements() == 1 || constant.rows() > 1 || all(constant, 1, true);
    }

    /**
     * Where much lies beside the way, such as masks: only constants that multiply count.
     *
     * @param nodes what leads on
     */
    public void masked(Collection<OnnxNode> nodes) throws IOException {
        for (OnnxNode node : nodes) {
            boolean multiplies = Set.of("Mul", "Div", "Pow").contains(node.operator());
            if (multiplies && !passes(node) && side(node) == Side.OTHER) {
                WeightExpression constant = constant(node);
                if (constant.elements() > 1) {
                    report(node, CONSTANT);
                }
            }
        }
    }

    /**
     * Behind the head, where a file may go on with sampling: constants that change logits count.
     *
     * @param nodes what follows
     */
    public void logits(Collection<OnnxNode> nodes) throws IOException {
        for (OnnxNode node : nodes) {
            if (!passes(node) && side(node) == Side.OTHER) {
                report(node, CONSTANT);
            }
        }
    }

    /**
     * From the table to the residual stream, where only a scale belongs.
     *
     * @param nodes what leads from the one to the other
     * @param joined whether rows of images may join on the way, by whatever operators
     * @return what rows of the table are multiplied by
     */
    public double scale(Collection<OnnxNode> nodes, boolean joined) throws IOException {
        double scale = 1;
        for (OnnxNode node : nodes) {
            if (passes(node) || side(node) == Side.NEUTRAL) {
                continue;
            }
            if (joined && side(node) == Side.NONE) {
                continue;
            }
            WeightExpression constant = constant(node);
            boolean divides =
                    node.operator().equals("Div") && resolver.resolve(node.input(0)) == null;
            boolean product = node.operator().equals("Mul") || divides;
            if (constant == null || !product || constant.elements() != 1) {
                report(node, constant == null ? OPERATOR : CONSTANT);
                continue;
            }
            float factor = constant.readAll()[0];
            scale *= divides ? 1 / factor : factor;
        }
        return scale;
    }

    /** What the operator of a linear layer does beside multiplying. */
    public void projection(Projection projection) throws IOException {
        OnnxNode node = projection.node();
        int bias =
                switch (node.operator()) {
                    case "Gemm" -> 2;
                    case "MatMulNBits" -> 5;
                    default -> -1;
                };
        bias(node, bias);
    }

    /** What a norm does beside normalising by the root mean square. */
    public void norm(Norm norm) throws IOException {
        OnnxNode node = norm.node();
        if (Set.of("LayerNormalization", "SkipLayerNormalization").contains(node.operator())) {
            report(node, "subtracts the mean, as in GPT-2 and Phi; Gemma 3's norms do not");
        }
        bias(node, node.operator().equals("SkipSimplifiedLayerNormalization") ? 3 : -1);
    }

    /** What an operator that does all of attention does beside Gemma 3's. */
    public void attention(OnnxNode node) throws IOException {
        if (node.integer("rotary_interleaved", 0) != 0) {
            report(node, INTERLEAVED);
        }
        boolean sink = node.operator().equals("GroupQueryAttention") && !node.input(11).isEmpty();
        if (node.integer("smooth_softmax", 0) > 0 || sink) {
            report(node, "attends to nothing as well (smooth softmax or a sink); Gemma 3 does not");
        }
        bias(node, node.operator().equals("MultiHeadAttention") ? 3 : -1);
    }

    private void bias(OnnxNode node, int input) throws IOException {
        String value = input < 0 ? "" : node.input(input);
        if (value.isEmpty()) {
            return;
        }
        WeightExpression bias = resolver.resolve(value);
        if (bias == null || !all(bias, 0, false)) {
            report(node, "adds a bias (input " + input + "); Gemma 3 has none, export without it");
        }
    }

    private boolean passes(OnnxNode node) throws IOException {
        return PASSES.contains(node.operator())
                || resolver.resolve(node.output(0)) != null
                || landmarks.isScale(node)
                || node.operator().equals("Clip") && isWide(node);
    }

    private boolean isWide(OnnxNode node) throws IOException {
        boolean wide =
                Math.abs(node.real("min", -Float.MAX_VALUE)) >= WIDE
                        && Math.abs(node.real("max", Float.MAX_VALUE)) >= WIDE;
        for (int input = 1; input <= 2; input++) {
            WeightExpression bound = resolver.resolve(node.input(input));
            wide &=
                    node.input(input).isEmpty()
                            || bound != null
                                    && bound.elements() == 1
                                    && Math.abs(bound.readAll()[0]) >= WIDE;
        }
        return wide;
    }

    /** The constant that a node meets a value with, as far as that changes it. */
    private enum Side {
        /** There is none. */
        NONE,
        /** It changes nothing. */
        NEUTRAL,
        /** It does. */
        OTHER
    }

    private Side side(OnnxNode node) throws IOException {
        if (!ARITHMETIC.contains(node.operator())) {
            return Side.NONE;
        }
        WeightExpression constant = constant(node);
        if (constant == null) {
            return Side.NONE;
        }
        boolean left = resolver.resolve(node.input(0)) != null;
        boolean sum = node.operator().equals("Add") || node.operator().equals("Sub");
        boolean turned = left && !Set.of("Add", "Mul").contains(node.operator());
        return !turned && all(constant, sum ? 0 : 1, false) ? Side.NEUTRAL : Side.OTHER;
    }

    private WeightExpression constant(OnnxNode node) throws IOException {
        WeightExpression left = resolver.resolve(node.input(0));
        return left != null ? left : resolver.resolve(node.input(1));
    }

    /** Row by row: what claims to be large is not read at once. */
    private boolean all(WeightExpression constant, float value, boolean orNegative)
            throws IOException {
        int columns = constant.columns();
        if (constant.elements() > MOST_ELEMENTS) {
            return false;
        }
        resolver.charge(constant, constant.elements());
        float[] row = new float[columns];
        for (int i = 0; i < constant.rows(); i++) {
            constant.read(i, 1, 0, columns, row);
            for (float element : row) {
                if (element != value && !(orNegative && element == -value)) {
                    return false;
                }
            }
        }
        return true;
    }
}
