package io.djlnpu.onnx.structure;

import io.djlnpu.onnx.OnnxNode;
import io.djlnpu.onnx.structure.Dataflow.Arrival;
import io.djlnpu.onnx.structure.Dataflow.Trace;
import io.djlnpu.onnx.structure.Landmark.Norm;
import io.djlnpu.onnx.structure.Landmark.Projection;
import io.djlnpu.onnx.weight.RowRange;
import io.djlnpu.onnx.weight.WeightExpression;
import java.io.IOException;
import java.util.List;

/**
 * One of attention's inputs, followed back to the matrix that makes it.
 *
 * @param projection the projection, perhaps shared with the other inputs
 * @param range which of its outputs are meant, or null for all
 * @param norm the norm on the way, or null
 * @param plumbing what lies between norm (or projection) and attention
 */
public record ProjectionBranch(
        Projection projection, RowRange range, Norm norm, List<OnnxNode> plumbing) {

    /** Follows a value; null if it does not come from exactly one projection. */
    public static ProjectionBranch to(String value, Dataflow flow) throws IOException {
        Trace trace = flow.back(value);
        Norm norm = trace.only(Norm.class);
        Trace beyond = norm == null ? trace : flow.back(norm.inputs().get(0));
        List<Arrival> arrivals = beyond.of(Projection.class);
        if (arrivals.size() != 1) {
            return null;
        }
        Projection projection = (Projection) arrivals.get(0).landmark();
        return new ProjectionBranch(projection, arrivals.get(0).range(), norm, trace.plumbing());
    }

    /** The rows of the projection that belong to this input. */
    public WeightExpression weight() {
        return range == null ? projection.weight() : range.of(projection.weight());
    }
}
