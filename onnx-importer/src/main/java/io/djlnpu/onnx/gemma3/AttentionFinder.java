package io.djlnpu.onnx.gemma3;

import io.djlnpu.onnx.OnnxNode;
import io.djlnpu.onnx.gemma3.Dataflow.Arrival;
import io.djlnpu.onnx.gemma3.Dataflow.Trace;
import io.djlnpu.onnx.gemma3.Landmark.FusedAttention;
import io.djlnpu.onnx.gemma3.Landmark.Norm;
import io.djlnpu.onnx.gemma3.Landmark.Product;
import io.djlnpu.onnx.gemma3.Landmark.Projection;
import io.djlnpu.onnx.weight.RowRange;
import io.djlnpu.onnx.weight.WeightExpression;
import io.djlnpu.onnx.weight.WeightResolver;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds attention: two values whose product goes through a softmax and meets a third, or one fused
 * operator. Roles follow from the inputs: the first is the query, the second the key, the third the
 * value.
 */
final class AttentionFinder {

    private static final int QUERY_NORM_INPUT = 14;
    private static final int KEY_NORM_INPUT = 15;

    private final Dataflow flow;
    private final WeightResolver resolver;
    private final List<String> problems;

    AttentionFinder(Dataflow flow, WeightResolver resolver, List<String> problems) {
        this.flow = flow;
        this.resolver = resolver;
        this.problems = problems;
    }

    /** The attention that feeds a projection, or null if the projection is no output projection. */
    AttentionBlock behind(Projection output) throws IOException {
        Trace trace = flow.back(output.input());
        if (!trace.of(Norm.class).isEmpty() || !trace.of(Projection.class).isEmpty()) {
            return null;
        }
        FusedAttention fused = trace.only(FusedAttention.class);
        if (fused != null) {
            return block(output, fused.node(), fused.node().inputs());
        }
        Product context = trace.only(Product.class);
        if (context == null) {
            return null;
        }
        Trace probabilities = flow.back(context.node().input(0));
        Product scores = probabilities.only(Product.class);
        if (scores == null || probabilities.operators().noneMatch("Softmax"::equals)) {
            return null;
        }
        List<OnnxNode> between = new ArrayList<>(probabilities.plumbing());
        return block(
                output,
                scores.node(),
                List.of(scores.node().input(0), scores.node().input(1), context.node().input(1)),
                between);
    }

    private AttentionBlock block(Projection output, OnnxNode anchor, List<String> inputs)
            throws IOException {
        boolean packed = inputs.size() > 2 && inputs.get(1).isEmpty();
        return packed
                ? packedBlock(output, anchor)
                : block(output, anchor, inputs, new ArrayList<>());
    }

    private AttentionBlock block(
            Projection output, OnnxNode anchor, List<String> inputs, List<OnnxNode> plumbing)
            throws IOException {
        Branch query = branch(inputs.get(0), resolver.resolve(anchor.input(QUERY_NORM_INPUT)));
        Branch key = branch(inputs.get(1), resolver.resolve(anchor.input(KEY_NORM_INPUT)));
        Branch value = branch(inputs.get(2), null);
        if (query == null || key == null || value == null) {
            problems.add(
                    anchor.label()
                            + ": attention whose query, key and value do not each come from one"
                            + " matrix");
            return null;
        }
        if (query.norm == null || key.norm == null) {
            problems.add(anchor.label() + ": attention without norms of query and key");
            return null;
        }
        plumbing.addAll(query.plumbing);
        plumbing.addAll(key.plumbing);
        return new AttentionBlock(
                anchor,
                query.weight,
                key.weight,
                value.weight,
                output,
                query.norm,
                key.norm,
                flow.back(query.projection.input()).only(Norm.class),
                firstNorm(output.node().output(0)),
                List.of(query.projection.node(), key.projection.node(), value.projection.node()),
                plumbing);
    }

    /** Query, key and value in one input of the operator, which splits them itself. */
    private AttentionBlock packedBlock(Projection output, OnnxNode anchor) throws IOException {
        Projection projection = flow.back(anchor.input(0)).only(Projection.class);
        WeightExpression queryNorm = resolver.resolve(anchor.input(QUERY_NORM_INPUT));
        WeightExpression keyNorm = resolver.resolve(anchor.input(KEY_NORM_INPUT));
        if (projection == null || queryNorm == null || keyNorm == null) {
            problems.add(anchor.label() + ": packed attention without norms of query and key");
            return null;
        }
        int headDim = queryNorm.columns();
        long queries = anchor.integer("num_heads", 0) * headDim;
        long keys = anchor.integer("kv_num_heads", 0) * headDim;
        WeightExpression weight = projection.weight();
        return new AttentionBlock(
                anchor,
                new RowRange(0, queries).of(weight),
                new RowRange(queries, queries + keys).of(weight),
                new RowRange(queries + keys, queries + 2 * keys).of(weight),
                output,
                queryNorm,
                keyNorm,
                flow.back(projection.input()).only(Norm.class),
                firstNorm(output.node().output(0)),
                List.of(projection.node(), projection.node(), projection.node()),
                List.of());
    }

    private record Branch(
            Projection projection,
            WeightExpression weight,
            WeightExpression norm,
            List<OnnxNode> plumbing) {}

    private Branch branch(String value, WeightExpression fusedNorm) throws IOException {
        Trace trace = flow.back(value);
        WeightExpression weight = fusedNorm;
        Trace toProjection = trace;
        Norm norm = trace.only(Norm.class);
        if (norm != null) {
            weight = norm.weight();
            toProjection = flow.back(norm.inputs().get(0));
        }
        List<Arrival> arrivals = toProjection.of(Projection.class);
        if (arrivals.size() != 1) {
            return null;
        }
        Projection projection = (Projection) arrivals.get(0).landmark();
        RowRange range = arrivals.get(0).range();
        WeightExpression matrix =
                range == null ? projection.weight() : range.of(projection.weight());
        return new Branch(projection, matrix, weight, trace.plumbing());
    }

    private Norm firstNorm(String value) {
        return flow.forward(value).only(Norm.class);
    }
}
