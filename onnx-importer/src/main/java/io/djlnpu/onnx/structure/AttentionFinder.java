package io.djlnpu.onnx.structure;

import io.djlnpu.onnx.OnnxNode;
import io.djlnpu.onnx.structure.Landmark.Norm;
import io.djlnpu.onnx.structure.Landmark.Projection;
import io.djlnpu.onnx.weight.RowRange;
import io.djlnpu.onnx.weight.WeightExpression;
import io.djlnpu.onnx.weight.WeightResolver;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds the decoder's attention. Roles follow from the inputs: the first is the query, the second
 * the key, the third the value; query and key may have norms of their own.
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
        AttentionInputs inputs = AttentionInputs.behind(output, flow);
        if (inputs == null) {
            return null;
        }
        return inputs.key().isEmpty() ? packed(output, inputs) : separate(output, inputs);
    }

    private AttentionBlock separate(Projection output, AttentionInputs inputs) throws IOException {
        OnnxNode anchor = inputs.anchor();
        ProjectionBranch query = ProjectionBranch.to(inputs.query(), flow);
        ProjectionBranch key = ProjectionBranch.to(inputs.key(), flow);
        ProjectionBranch value = ProjectionBranch.to(inputs.value(), flow);
        if (query == null || key == null || value == null) {
            problems.add(
                    anchor.label()
                            + ": attention whose query, key and value do not each come from one"
                            + " matrix");
            return null;
        }
        WeightExpression queryNorm = norm(query, anchor, QUERY_NORM_INPUT);
        WeightExpression keyNorm = norm(key, anchor, KEY_NORM_INPUT);
        if ((queryNorm == null) != (keyNorm == null)) {
            problems.add(anchor.label() + ": a norm of query or key heads, but not of both");
            return null;
        }
        List<OnnxNode> plumbing = new ArrayList<>(inputs.plumbing());
        plumbing.addAll(query.plumbing());
        plumbing.addAll(key.plumbing());
        return new AttentionBlock(
                anchor,
                query.weight(),
                key.weight(),
                value.weight(),
                output,
                queryNorm,
                keyNorm,
                flow.back(query.projection().input()).only(Norm.class),
                flow.normOf(output),
                List.of(
                        query.projection().node(),
                        key.projection().node(),
                        value.projection().node()),
                plumbing);
    }

    private WeightExpression norm(ProjectionBranch branch, OnnxNode anchor, int input)
            throws IOException {
        return branch.norm() != null
                ? branch.norm().weight()
                : resolver.resolve(anchor.input(input));
    }

    /** Query, key and value in one input of the operator, which splits them itself. */
    private AttentionBlock packed(Projection output, AttentionInputs inputs) throws IOException {
        OnnxNode anchor = inputs.anchor();
        ProjectionBranch branch = ProjectionBranch.to(inputs.query(), flow);
        WeightExpression queryNorm = resolver.resolve(anchor.input(QUERY_NORM_INPUT));
        WeightExpression keyNorm = resolver.resolve(anchor.input(KEY_NORM_INPUT));
        if (branch == null || (queryNorm == null) != (keyNorm == null)) {
            problems.add(
                    anchor.label()
                            + ": packed attention that does not come from one matrix, or has a norm"
                            + " of query or key heads but not of both");
            return null;
        }
        Projection projection = branch.projection();
        long heads = anchor.integer("num_heads", 0);
        long kvHeads = anchor.integer("kv_num_heads", 0);
        long parts = Math.max(1, heads + 2 * kvHeads);
        long headDim = queryNorm != null ? queryNorm.columns() : projection.weight().rows() / parts;
        long queries = heads * headDim;
        long keys = kvHeads * headDim;
        if (queries < 1 || keys < 1 || queries + 2 * keys != projection.weight().rows()) {
            problems.add(
                    anchor.label()
                            + ": "
                            + projection.weight().rows()
                            + " packed outputs, expected "
                            + queries
                            + " + 2 x "
                            + keys);
            return null;
        }
        return new AttentionBlock(
                anchor,
                new RowRange(0, queries).of(projection.weight()),
                new RowRange(queries, queries + keys).of(projection.weight()),
                new RowRange(queries + keys, queries + 2 * keys).of(projection.weight()),
                output,
                queryNorm,
                keyNorm,
                flow.back(projection.input()).only(Norm.class),
                flow.normOf(output),
                List.of(projection.node(), projection.node(), projection.node()),
                List.of());
    }
}
