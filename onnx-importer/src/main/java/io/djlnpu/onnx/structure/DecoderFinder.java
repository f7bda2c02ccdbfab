package io.djlnpu.onnx.structure;

import io.djlnpu.onnx.GraphIndex;
import io.djlnpu.onnx.structure.Dataflow.Arrival;
import io.djlnpu.onnx.structure.Dataflow.Trace;
import io.djlnpu.onnx.structure.DecoderStructure.Layer;
import io.djlnpu.onnx.structure.Landmark.Lookup;
import io.djlnpu.onnx.structure.Landmark.Norm;
import io.djlnpu.onnx.structure.Landmark.Projection;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Puts attention and MLPs in the order in which the residual stream meets them. */
public final class DecoderFinder {
    private final Landmarks landmarks;
    private final GraphIndex index;
    private final Dataflow flow;
    private final List<String> problems;
    private final Set<Landmark> met = new LinkedHashSet<>();
    private final Map<Landmark, AttentionBlock> attentionByEnd = new HashMap<>();
    private final Map<Landmark, MlpBlock> mlpByEnd = new HashMap<>();

    public DecoderFinder(Landmarks landmarks, List<String> problems) {
        this.landmarks = landmarks;
        this.index = landmarks.index();
        this.flow = new Dataflow(landmarks);
        this.problems = problems;
    }

    public DecoderStructure find() throws IOException {
        findBlocks();
        DecoderEnd end = DecoderEnd.find(landmarks, flow, problems);
        if (end == null) {
            return null;
        }
        Norm finalNorm = end.finalNorm();
        List<Layer> layers = new ArrayList<>();
        Trace below = stream(finalNorm);
        for (MlpBlock mlp = mlpBelow(below); mlp != null; mlp = mlpBelow(below)) {
            AttentionBlock attention = attentionBelow(mlp);
            if (attention == null) {
                problems.add("MLP " + mlp.down().node().label() + ": no attention comes before");
                return null;
            }
            layers.add(new Layer(attention, mlp));
            if (layers.size() > mlpByEnd.size()) {
                problems.add("the layers form a circle");
                return null;
            }
            below = stream(attention.inputNorm());
        }
        if (layers.isEmpty() && end.head() != null && mlpByEnd.containsKey(finalNorm)) {
            problems.add(
                    "the head "
                            + end.head().node().label()
                            + " reads the norm behind the last MLP: the exporter dropped the"
                            + " final norm and the last residual sum, and the weights of that"
                            + " norm are nowhere in the file (onnxruntime-genai 0.8 does so to"
                            + " models that see); export it again with another version");
        } else if (layers.isEmpty()) {
            problems.add(
                    "no layer of attention and gated MLP, each with a norm before it, ends at "
                            + finalNorm.node().label());
        }
        Collections.reverse(layers);
        reportStrangers();
        Lookup table = below.only(Lookup.class);
        if (table == null && below.borders().isEmpty() && !layers.isEmpty()) {
            problems.add("the first layer is fed by neither a table nor an input");
        }
        reportUnlike(layers);
        return new DecoderStructure(layers, end, table);
    }

    private void findBlocks() throws IOException {
        AttentionFinder attention = new AttentionFinder(flow, landmarks.resolver(), problems);
        MlpFinder mlps = new MlpFinder(flow, index, landmarks.resolver());
        for (Projection projection : landmarks.all(Projection.class).toList()) {
            MlpBlock mlp = mlps.behind(projection);
            if (mlp != null) {
                if (mlp.inputNorm() != null) {
                    mlpByEnd.put(mlp.end(), mlp);
                } else {
                    problems.add(projection.node().label() + ": an MLP without a norm before it");
                }
                continue;
            }
            AttentionBlock block = attention.behind(projection);
            if (block != null && block.inputNorm() != null) {
                attentionByEnd.put(block.end(), block);
            } else if (block != null) {
                problems.add(projection.node().label() + ": attention without a norm before it");
            }
        }
    }

    /** What one layer does all of them do, or no specification can say it. */
    private void reportUnlike(List<Layer> layers) {
        long behindMlp = layers.stream().filter(l -> l.mlp().outputNorm() != null).count();
        long behindAttention =
                layers.stream().filter(l -> l.attention().outputNorm() != null).count();
        long heads = layers.stream().filter(l -> l.attention().headNorms()).count();
        if (behindMlp != behindAttention || behindMlp % Math.max(1, layers.size()) != 0) {
            problems.add(
                    "%d of %d layers have a norm behind attention, %d behind the MLP; expected one"
                                    .formatted(behindAttention, layers.size(), behindMlp)
                            + " behind each, or none");
        }
        if (heads % Math.max(1, layers.size()) != 0) {
            problems.add(
                    heads + " of " + layers.size() + " layers have norms of query and key heads");
        }
    }

    /** What a norm is fed by: the residual stream, the nearest landmarks first. */
    private Trace stream(Norm norm) throws IOException {
        Trace stream = flow.back(norm.inputs());
        for (Arrival arrival : stream.arrivals()) {
            if (arrival.landmark() instanceof Norm || arrival.landmark() instanceof Projection) {
                met.add(arrival.landmark());
            }
        }
        return stream;
    }

    /** A block that was not recognised must not be left out in silence. */
    private void reportStrangers() {
        Set<Landmark> known = new HashSet<>(mlpByEnd.keySet());
        known.addAll(attentionByEnd.keySet());
        mlpByEnd.values().forEach(mlp -> known.add(mlp.inputNorm()));
        attentionByEnd.values().forEach(block -> known.add(block.inputNorm()));
        for (Landmark stranger : met) {
            if (!known.contains(stranger)) {
                problems.add(
                        stranger.node().label()
                                + ": adds to the residual stream, and what it "
                                + (stranger instanceof Norm ? "normalises" : "multiplies")
                                + " is neither attention nor a gated MLP");
            }
        }
    }

    private MlpBlock mlpBelow(Trace below) {
        return below(below, mlpByEnd);
    }

    private AttentionBlock attentionBelow(MlpBlock mlp) throws IOException {
        Trace stream = stream(mlp.inputNorm());
        boolean circle = stream.arrivals().stream().anyMatch(a -> a.landmark().equals(mlp.end()));
        if (circle) {
            problems.add("MLP " + mlp.down().node().label() + ": is fed by its own output");
        }
        return below(stream, attentionByEnd);
    }

    private static <T> T below(Trace stream, Map<Landmark, T> blocks) {
        for (Arrival arrival : stream.arrivals()) {
            T block = blocks.get(arrival.landmark());
            if (block != null) {
                return block;
            }
        }
        return null;
    }
}
