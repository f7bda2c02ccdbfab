package io.djlnpu.onnx.gemma3;

import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import io.djlnpu.onnx.GraphIndex;
import io.djlnpu.onnx.OnnxModel;
import io.djlnpu.onnx.OnnxNode;
import io.djlnpu.onnx.gemma3.Dataflow.Arrival;
import io.djlnpu.onnx.gemma3.Dataflow.Trace;
import io.djlnpu.onnx.gemma3.Landmark.Lookup;
import io.djlnpu.onnx.gemma3.Landmark.Norm;
import io.djlnpu.onnx.gemma3.Landmark.Projection;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The decoder of a Gemma 3, found by following the residual stream from the logits back to the
 * table. Neither names nor the order of the nodes play a part.
 *
 * @param layers attention and MLP of each layer, in the model's order
 * @param finalNorm the norm before the head
 * @param head the projection to the vocabulary
 * @param table the embedding, or null if the graph takes embedded tokens
 * @param tableScale what embedded tokens are multiplied by before the first norm
 */
record DecoderStructure(
        List<Layer> layers, Norm finalNorm, Projection head, Lookup table, double tableScale) {

    /** One layer. */
    record Layer(AttentionBlock attention, MlpBlock mlp) {}

    /** Finds the decoder, or says in one exception everything that is not like a Gemma 3. */
    static DecoderStructure find(Landmarks landmarks, OnnxModel model, List<String> warnings)
            throws IOException {
        String file = landmarks.index().file();
        List<String> unreadable = landmarks.unreadable();
        List<String> problems = new ArrayList<>(Refusals.of(model, landmarks.index()));
        if (!unreadable.isEmpty()) {
            // what does not follow from them is worth saying, what they entail is not
            Code code = problems.isEmpty() ? Code.UNSUPPORTED_ENCODING : Code.UNSUPPORTED_MODEL;
            problems.addAll(unreadable);
            throw new ModelFormatException(
                    code, file + ": cannot be read:\n  - " + String.join("\n  - ", problems));
        }
        DecoderStructure found = new Finder(landmarks, problems).find();
        if (problems.isEmpty()) {
            found = found.checked(landmarks, problems, warnings);
        } else {
            List<OnnxNode> unread = landmarks.unreadMatrices();
            if (!unread.isEmpty()) {
                problems.add(
                        Refusals.listed(unread)
                                + ": holds a weight in a form that is not read; export the model"
                                + " with MatMul, MatMulNBits or DequantizeLinear in its place");
            }
        }
        if (!problems.isEmpty()) {
            throw new ModelFormatException(
                    Code.UNSUPPORTED_MODEL,
                    file + ": not the graph of a Gemma 3:\n  - " + String.join("\n  - ", problems));
        }
        return found;
    }

    /** What lies between the landmarks is looked at once they are known. */
    private DecoderStructure checked(
            Landmarks landmarks, List<String> problems, List<String> warnings) throws IOException {
        DecoderArithmetic arithmetic = new DecoderArithmetic(new Dataflow(landmarks), landmarks);
        arithmetic.check(this);
        problems.addAll(arithmetic.problems());
        if (arithmetic.usesErf()) {
            warnings.add(
                    "GELU: the graph computes it by erf, Gemma 3 is defined by the approximation by"
                            + " tanh, which is used; the two differ by less than 0.0005");
        }
        return new DecoderStructure(layers, finalNorm, head, table, arithmetic.tableScale());
    }

    /** Activations of other families; Llama's and Qwen's SiLU is Sigmoid or Swish. */
    private static final Set<String> NOT_GELU = Set.of("Sigmoid", "Swish", "Relu", "HardSwish");

    private static final class Finder {
        private final Landmarks landmarks;
        private final GraphIndex index;
        private final Dataflow flow;
        private final List<String> problems;
        private final Set<Norm> met = new LinkedHashSet<>();
        private final Map<Norm, AttentionBlock> attentionByOutputNorm = new HashMap<>();
        private final Map<Norm, MlpBlock> mlpByOutputNorm = new HashMap<>();

        Finder(Landmarks landmarks, List<String> problems) {
            this.landmarks = landmarks;
            this.index = landmarks.index();
            this.flow = new Dataflow(landmarks);
            this.problems = problems;
        }

        DecoderStructure find() throws IOException {
            findBlocks();
            Projection head = findHead();
            if (head == null) {
                problems.add("no projection leads to the logits");
                return null;
            }
            Norm finalNorm = flow.back(head.input()).only(Norm.class);
            if (finalNorm == null) {
                problems.add("no norm before the head " + head.node().label());
                return null;
            }
            List<Layer> layers = new ArrayList<>();
            Trace below = stream(finalNorm);
            for (MlpBlock mlp = mlpBelow(below); mlp != null; mlp = mlpBelow(below)) {
                AttentionBlock attention = attentionBelow(mlp);
                if (attention == null) {
                    problems.add(
                            "MLP "
                                    + mlp.down().node().label()
                                    + ": no attention with a norm behind it comes before");
                    return null;
                }
                if (NOT_GELU.contains(mlp.activation())) {
                    problems.add(
                            "MLP "
                                    + mlp.down().node().label()
                                    + ": its gate goes through "
                                    + mlp.activation()
                                    + " (as in Llama, Mistral and Qwen), in Gemma 3 through GELU");
                }
                layers.add(new Layer(attention, mlp));
                if (layers.size() > mlpByOutputNorm.size()) {
                    problems.add("the layers form a circle");
                    return null;
                }
                below = stream(attention.inputNorm());
            }
            if (layers.isEmpty() && mlpByOutputNorm.containsKey(finalNorm)) {
                problems.add(
                        "the head "
                                + head.node().label()
                                + " reads the norm behind the last MLP: the exporter dropped the"
                                + " final norm and the last residual sum, and the weights of that"
                                + " norm are nowhere in the file (onnxruntime-genai 0.8 does so to"
                                + " models that see); export it again with another version");
            } else if (layers.isEmpty()) {
                problems.add(
                        "no layer of attention and gated MLP, each with a norm before and behind,"
                                + " ends at "
                                + finalNorm.node().label());
            }
            Collections.reverse(layers);
            reportStrangers();
            Lookup table = below.only(Lookup.class);
            if (table == null && below.borders().isEmpty() && !layers.isEmpty()) {
                problems.add("the first layer is fed by neither a table nor an input");
            }
            return new DecoderStructure(layers, finalNorm, head, table, 1);
        }

        private void findBlocks() throws IOException {
            AttentionFinder attention = new AttentionFinder(flow, landmarks.resolver(), problems);
            MlpFinder mlps = new MlpFinder(flow, index, landmarks.resolver());
            for (Projection projection : landmarks.all(Projection.class).toList()) {
                MlpBlock mlp = mlps.behind(projection);
                if (mlp != null) {
                    if (mlp.inputNorm() != null && mlp.outputNorm() != null) {
                        mlpByOutputNorm.put(mlp.outputNorm(), mlp);
                    } else {
                        problems.add(
                                projection.node().label() + ": an MLP without a norm on each side");
                    }
                    continue;
                }
                AttentionBlock block = attention.behind(projection);
                if (block != null && block.inputNorm() != null && block.outputNorm() != null) {
                    attentionByOutputNorm.put(block.outputNorm(), block);
                } else if (block != null) {
                    problems.add(
                            projection.node().label() + ": attention without a norm on each side");
                }
            }
        }

        private Projection findHead() throws IOException {
            List<Projection> heads = new ArrayList<>();
            for (Projection projection : landmarks.all(Projection.class).toList()) {
                if (leadsOut(projection.node().output(0))) {
                    heads.add(projection);
                }
            }
            return heads.size() == 1 ? heads.get(0) : null;
        }

        private boolean leadsOut(String value) throws IOException {
            Trace trace = flow.forward(value);
            return trace.arrivals().isEmpty() && !trace.borders().isEmpty();
        }

        /** What a norm is fed by: the residual stream, the nearest landmarks first. */
        private Trace stream(Norm norm) throws IOException {
            Trace stream = flow.back(norm.inputs());
            stream.of(Norm.class).forEach(arrival -> met.add((Norm) arrival.landmark()));
            return stream;
        }

        /** A block that was not recognised must not be left out in silence. */
        private void reportStrangers() {
            Set<Norm> known = new HashSet<>(mlpByOutputNorm.keySet());
            known.addAll(attentionByOutputNorm.keySet());
            mlpByOutputNorm.values().forEach(mlp -> known.add(mlp.inputNorm()));
            attentionByOutputNorm.values().forEach(block -> known.add(block.inputNorm()));
            for (Norm norm : met) {
                if (!known.contains(norm)) {
                    problems.add(
                            norm.node().label()
                                    + ": adds to the residual stream, but what it normalises is"
                                    + " neither attention nor a gated MLP");
                }
            }
        }

        private MlpBlock mlpBelow(Trace below) {
            return below(below, mlpByOutputNorm);
        }

        private AttentionBlock attentionBelow(MlpBlock mlp) throws IOException {
            Trace stream = stream(mlp.inputNorm());
            boolean circle =
                    stream.of(Norm.class).stream().anyMatch(a -> a.landmark() == mlp.outputNorm());
            if (circle) {
                problems.add("MLP " + mlp.down().node().label() + ": is fed by its own output");
            }
            return below(stream, attentionByOutputNorm);
        }

        private <T> T below(Trace stream, Map<Norm, T> blocks) {
            for (Arrival arrival : stream.of(Norm.class)) {
                T block = blocks.get((Norm) arrival.landmark());
                if (block != null) {
                    return block;
                }
            }
            return null;
        }
    }
}
