package io.djlnpu.onnx.vision;

import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import io.djlnpu.onnx.GraphIndex;
import io.djlnpu.onnx.OnnxNode;
import io.djlnpu.onnx.structure.AttentionInputs;
import io.djlnpu.onnx.structure.Dataflow;
import io.djlnpu.onnx.structure.Dataflow.Arrival;
import io.djlnpu.onnx.structure.Dataflow.Trace;
import io.djlnpu.onnx.structure.IntegerProducts;
import io.djlnpu.onnx.structure.Landmark.Norm;
import io.djlnpu.onnx.structure.Landmark.Projection;
import io.djlnpu.onnx.structure.Landmarks;
import io.djlnpu.onnx.structure.ProjectionBranch;
import io.djlnpu.onnx.vision.VisionLayer.Linear;
import io.djlnpu.onnx.weight.WeightExpression;
import io.djlnpu.onnx.weight.WeightResolver;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Finds the vision tower by following the residual stream back from the image features. */
public final class VisionFinder {

    private static final Set<String> ACTIVATIONS =
            Set.of("Gelu", "FastGelu", "QuickGelu", "BiasGelu", "Tanh", "Erf");

    private final Landmarks landmarks;
    private final GraphIndex index;
    private final WeightResolver resolver;
    private final Dataflow flow;
    private final BiasFinder biases;

    public VisionFinder(Landmarks landmarks) {
        this.landmarks = landmarks;
        this.index = landmarks.index();
        this.resolver = landmarks.resolver();
        this.flow = new Dataflow(landmarks);
        this.biases = new BiasFinder(index, resolver);
    }

    private Projection lastProjection() throws IOException {
        Projection last = null;
        for (Projection projection : landmarks.all(Projection.class).toList()) {
            boolean ends = flow.forward(projection.node().output(0)).arrivals().isEmpty();
            last = ends ? projection : last;
        }
        if (last == null) {
            throw unlike("no projection leads to the image features");
        }
        return last;
    }

    public VisionStructure find() throws IOException {
        Projection projection = lastProjection();
        Norm softNorm = required(flow.back(projection.input()), "a norm before the projection");
        Trace pooled = flow.back(softNorm.inputs().get(0));
        Norm postNorm = required(pooled, "a norm behind the encoder");
        List<VisionLayer> layers = new ArrayList<>();
        Set<Projection> seen = new HashSet<>();
        Trace below = stream(postNorm);
        for (Projection second = secondBelow(below); second != null; second = secondBelow(below)) {
            VisionLayer layer = layer(second);
            layers.add(layer);
            if (!seen.add(second)) {
                throw unlike("layers in a circle");
            }
            below = stream(layer.attentionNorm());
        }
        if (layers.isEmpty()) {
            throw unlike("no encoder layer of attention and MLP");
        }
        Collections.reverse(layers);
        OnnxNode convolution =
                below.plumbing().stream()
                        .filter(node -> node.operator().startsWith("Conv"))
                        .findFirst()
                        .orElseThrow(() -> unlike("no convolution feeds the encoder"));
        WeightExpression patch =
                convolution.operator().equals("Conv")
                        ? resolver.resolve(convolution.input(1))
                        : new IntegerProducts(index, resolver).weight(convolution, 0);
        if (patch == null || patch.shape().length != 4) {
            throw unlike("a convolution without a constant kernel");
        }
        int width = (int) patch.shape()[0];
        return new VisionStructure(
                convolution,
                patch,
                biases.of(convolution, width),
                positions(below, width),
                layers,
                postNorm,
                softNorm,
                projection,
                pool(pooled));
    }

    private VisionLayer layer(Projection second) throws IOException {
        Projection first = flow.back(second.input()).only(Projection.class);
        Norm mlpNorm = required(flow.back(first.input()), "a norm before the MLP");
        Projection output = null;
        AttentionInputs inputs = null;
        for (Arrival arrival : stream(mlpNorm).of(Projection.class)) {
            output = (Projection) arrival.landmark();
            inputs = AttentionInputs.behind(output, flow);
            if (inputs != null) {
                break;
            }
        }
        if (inputs == null) {
            throw unlike("no attention before " + mlpNorm.node().label());
        }
        OnnxNode anchor = inputs.anchor();
        boolean packed = resolver.resolve(anchor.input(1)) != null;
        List<Linear> three = packed ? packed(anchor) : separate(inputs);
        Trace before =
                packed
                        ? flow.back(anchor.input(0))
                        : flow.back(branch(inputs.query()).projection().input());
        return new VisionLayer(
                required(before, "a norm before attention"),
                three.get(0),
                three.get(1),
                three.get(2),
                linear(output),
                mlpNorm,
                linear(first),
                linear(second),
                heads(anchor, inputs, three.get(0).weight().rows()));
    }

    private List<Linear> separate(AttentionInputs inputs) throws IOException {
        List<Linear> three = new ArrayList<>();
        for (String value : List.of(inputs.query(), inputs.key(), inputs.value())) {
            ProjectionBranch branch = branch(value);
            WeightExpression bias =
                    biases.of(branch.projection().node(), branch.projection().weight().rows());
            if (bias != null && branch.range() != null) {
                bias = branch.range().of(bias.transposed());
            }
            three.add(new Linear(branch.projection().node(), branch.weight(), bias));
        }
        return three;
    }

    /** ONNX Runtime's own attention operator holds query, key and value side by side. */
    private List<Linear> packed(OnnxNode anchor) throws IOException {
        WeightExpression weight = resolver.resolve(anchor.input(1)).transposed();
        WeightExpression bias = resolver.resolve(anchor.input(2));
        int width = weight.rows() / 3;
        List<Linear> three = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            WeightExpression part =
                    bias == null ? null : bias.transposed().rowRange(i * width, width);
            three.add(new Linear(anchor, weight.rowRange(i * width, width), part));
        }
        return three;
    }

    private ProjectionBranch branch(String value) throws IOException {
        ProjectionBranch branch = ProjectionBranch.to(value, flow);
        if (branch == null) {
            throw unlike("attention whose inputs do not each come from one matrix");
        }
        return branch;
    }

    private int heads(OnnxNode anchor, AttentionInputs inputs, int width) throws IOException {
        int stated = (int) anchor.integer("num_heads", 0);
        if (stated > 0) {
            return stated;
        }
        for (OnnxNode node : branch(inputs.query()).plumbing()) {
            int heads = node.operator().equals("Reshape") ? heads(node.input(1), width) : 0;
            if (heads > 0) {
                return heads;
            }
        }
        return 0;
    }

    /** The shape [images, patches, heads, width of a head], constant or put together. */
    private int heads(String shape, int width) throws IOException {
        long[] whole = resolver.integers(shape);
        long[] heads = null;
        long[] head = null;
        OnnxNode made = index.producer(shape);
        if (whole != null && whole.length == 4) {
            heads = new long[] {whole[2]};
            head = new long[] {whole[3]};
        } else if (made != null && made.operator().equals("Concat") && made.inputs().size() == 4) {
            heads = resolver.integers(made.input(2));
            head = resolver.integers(made.input(3));
        }
        boolean fits =
                heads != null
                        && head != null
                        && heads.length == 1
                        && head.length == 1
                        && heads[0] > 0
                        && (head[0] == -1 || heads[0] * head[0] == width);
        return fits && width % heads[0] == 0 ? (int) heads[0] : 0;
    }

    private Linear linear(Projection projection) throws IOException {
        WeightExpression weight = projection.weight();
        return new Linear(projection.node(), weight, biases.of(projection.node(), weight.rows()));
    }

    /** The nearest projection that comes from another one through an activation. */
    private Projection secondBelow(Trace stream) throws IOException {
        for (Arrival arrival : stream.of(Projection.class)) {
            Projection projection = (Projection) arrival.landmark();
            Trace before = flow.back(projection.input());
            boolean activated = before.operators().anyMatch(ACTIVATIONS::contains);
            if (activated && before.only(Projection.class) != null) {
                return projection;
            }
        }
        return null;
    }

    private WeightExpression positions(Trace below, int width) throws IOException {
        for (OnnxNode node : below.plumbing()) {
            if (!node.operator().equals("Add")) {
                continue;
            }
            for (String input : node.inputs()) {
                WeightExpression constant = resolver.resolve(input);
                if (constant != null && constant.columns() == width && constant.rows() > 1) {
                    return constant;
                }
            }
        }
        throw unlike("no table of positions is added to the patches");
    }

    private static int pool(Trace pooled) {
        for (OnnxNode node : pooled.plumbing()) {
            long[] kernel = node.integers("kernel_shape");
            if (node.operator().equals("AveragePool") && kernel.length == 2) {
                return kernel[0] == kernel[1] ? (int) kernel[0] : 0;
            }
        }
        return 0;
    }

    private Trace stream(Norm norm) throws IOException {
        return flow.back(norm.inputs());
    }

    private Norm required(Trace trace, String what) throws ModelFormatException {
        Norm norm = trace.only(Norm.class);
        if (norm == null) {
            throw unlike("not " + what);
        }
        return norm;
    }

    private ModelFormatException unlike(String found) {
        return new ModelFormatException(
                Code.UNSUPPORTED_MODEL,
                index.file() + ": not the vision tower of a Gemma 3: " + found);
    }
}
