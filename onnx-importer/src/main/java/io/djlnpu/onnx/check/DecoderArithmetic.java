package io.djlnpu.onnx.check;

import io.djlnpu.bundle.GateActivation;
import io.djlnpu.onnx.OnnxNode;
import io.djlnpu.onnx.structure.AttentionBlock;
import io.djlnpu.onnx.structure.AttentionInputs;
import io.djlnpu.onnx.structure.Dataflow;
import io.djlnpu.onnx.structure.DecoderEnd;
import io.djlnpu.onnx.structure.DecoderStructure;
import io.djlnpu.onnx.structure.DecoderStructure.Layer;
import io.djlnpu.onnx.structure.Landmark;
import io.djlnpu.onnx.structure.Landmark.Norm;
import io.djlnpu.onnx.structure.Landmark.Projection;
import io.djlnpu.onnx.structure.Landmarks;
import io.djlnpu.onnx.structure.MlpBlock;
import io.djlnpu.onnx.structure.ProjectionBranch;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Goes through everything between the landmarks of a decoder that was found, so that nothing that
 * changes values is left out in silence.
 */
final class DecoderArithmetic {

    private final Dataflow flow;
    private final Landmarks landmarks;
    private final ForeignArithmetic foreign;
    private final List<String> problems = new ArrayList<>();
    private final Map<String, List<OnnxNode>> unknownGates = new TreeMap<>();
    private final Set<GateFunction.Kind> kinds = EnumSet.noneOf(GateFunction.Kind.class);
    private double tableScale = 1;

    DecoderArithmetic(Dataflow flow, Landmarks landmarks) {
        this.flow = flow;
        this.landmarks = landmarks;
        this.foreign = new ForeignArithmetic(landmarks);
    }

    /** Looks at the whole decoder. */
    void check(DecoderStructure decoder) throws IOException {
        stream(decoder);
        for (Layer layer : decoder.layers()) {
            attention(layer.attention());
            mlp(layer.mlp());
        }
        end(decoder.end());
        problems.addAll(foreign.problems());
        reportGates();
    }

    private void end(DecoderEnd end) throws IOException {
        foreign.norm(end.finalNorm());
        if (end.head() != null) {
            foreign.between(flow.back(end.head().input()).plumbing());
            foreign.projection(end.head());
            foreign.logits(flow.forward(end.head().node().output(0)).plumbing());
            return;
        }
        // pooling and length are sums and quotients of values, masked
        Landmark last = end.finalNorm();
        for (Projection dense : end.dense()) {
            foreign.projection(dense);
            List<OnnxNode> before = flow.back(dense.input()).plumbing();
            if (last == end.finalNorm()) {
                foreign.masked(before);
            } else {
                foreign.between(before);
            }
            last = dense;
        }
        foreign.masked(flow.forward(last.node().output(0)).plumbing());
    }

    /** The gates' function; all gates have the same where there are no problems. */
    GateActivation activation() {
        return kinds.contains(GateFunction.Kind.SILU)
                ? GateActivation.SILU
                : GateActivation.GELU_TANH;
    }

    /** What no family has that is run, in words. */
    List<String> problems() {
        return problems;
    }

    /** What this graph multiplies the embedded tokens by before the first norm. */
    double tableScale() {
        return tableScale;
    }

    /** Whether an MLP goes through GELU itself, not through its approximation by tanh. */
    boolean usesErf() {
        return kinds.contains(GateFunction.Kind.ERF_GELU);
    }

    private void stream(DecoderStructure decoder) throws IOException {
        Norm first = decoder.layers().get(0).attention().inputNorm();
        Collection<OnnxNode> embedding = flow.back(first.inputs()).plumbing();
        tableScale = foreign.scale(embedding, false);
        Set<OnnxNode> before = new HashSet<>(embedding);
        List<Norm> norms = new ArrayList<>(List.of(decoder.end().finalNorm()));
        for (Layer layer : decoder.layers()) {
            norms.add(layer.attention().inputNorm());
            norms.add(layer.mlp().inputNorm());
        }
        for (Norm norm : norms) {
            foreign.stream(without(flow.back(norm.inputs()).plumbing(), before));
        }
    }

    private void attention(AttentionBlock block) throws IOException {
        foreign.norm(block.inputNorm());
        foreign.attention(block.anchor());
        AttentionInputs inputs = AttentionInputs.behind(block.output(), flow);
        foreign.masked(inputs.plumbing());
        foreign.between(flow.back(block.output().input()).plumbing());
        after(block.output(), block.outputNorm());
        for (String value : List.of(inputs.query(), inputs.key(), inputs.value())) {
            if (!value.isEmpty()) {
                branch(value, value.equals(inputs.value()));
            }
        }
    }

    /** From the input norm through a projection, and its norm if it has one, to attention. */
    private void branch(String value, boolean isValue) throws IOException {
        ProjectionBranch branch = ProjectionBranch.to(value, flow);
        Norm norm = isValue ? null : branch.norm();
        Projection projection = branch.projection();
        if (norm != null) {
            foreign.rotation(branch.plumbing(), behind(norm.node()));
            after(projection, norm);
        } else if (isValue) {
            Set<OnnxNode> behind = new HashSet<>(behind(projection.node()));
            foreign.between(branch.plumbing().stream().filter(behind::contains).toList());
        } else {
            foreign.rotation(branch.plumbing(), behind(projection.node()));
        }
        before(projection);
    }

    private Collection<OnnxNode> behind(OnnxNode node) throws IOException {
        return flow.forward(node.output(0)).plumbing();
    }

    private void before(Projection projection) throws IOException {
        foreign.projection(projection);
        foreign.between(flow.back(projection.input()).plumbing());
    }

    /** What follows a projection: a norm of its own, or the stream, which is looked at apart. */
    private void after(Projection projection, Norm norm) throws IOException {
        foreign.projection(projection);
        if (norm != null) {
            foreign.norm(norm);
            foreign.between(flow.back(norm.inputs()).plumbing());
        }
    }

    private void mlp(MlpBlock mlp) throws IOException {
        foreign.norm(mlp.inputNorm());
        Set<OnnxNode> sides = new HashSet<>(flow.back(mlp.gated()).plumbing());
        List<OnnxNode> straight = flow.back(mlp.straight()).plumbing();
        sides.addAll(straight);
        List<OnnxNode> joined = without(flow.back(mlp.down().input()).plumbing(), sides);
        foreign.between(
                joined.stream()
                        .filter(
                                node ->
                                        !node.inputs()
                                                .containsAll(List.of(mlp.gated(), mlp.straight())))
                        .toList());
        foreign.between(straight);
        after(mlp.down(), mlp.outputNorm());
        for (OnnxNode node : mlp.projections()) {
            before((Projection) landmarks.at(node));
        }
        activation(mlp);
    }

    private void activation(MlpBlock mlp) throws IOException {
        OnnxNode down = mlp.down().node();
        GateFunction.Kind kind = GateFunction.of(mlp.gated(), landmarks);
        kinds.add(kind);
        if (kind == GateFunction.Kind.OTHER) {
            unknownGates.computeIfAbsent(mlp.activation(), key -> new ArrayList<>()).add(down);
        }
    }

    private void reportGates() {
        if (kinds.contains(GateFunction.Kind.SILU) && kinds.size() > 1) {
            problems.add("gates go through different functions: " + kinds);
        }
        unknownGates.forEach(
                (operator, nodes) ->
                        problems.add(
                                Refusals.listed(nodes)
                                        + ": what the gate of this MLP goes through ("
                                        + operator
                                        + ") is not GELU, which Gemma 3 has, nor SiLU, which Llama"
                                        + " and Qwen have; a bias, a multiplier or another model"));
    }

    private static List<OnnxNode> without(Collection<OnnxNode> nodes, Set<OnnxNode> others) {
        return nodes.stream().filter(node -> !others.contains(node)).toList();
    }
}
