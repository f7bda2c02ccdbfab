package io.djlnpu.onnx.gemma3;

import io.djlnpu.bundle.GateActivation;
import io.djlnpu.bundle.NormPlacement;
import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import io.djlnpu.onnx.OnnxModel;
import io.djlnpu.onnx.OnnxNode;
import io.djlnpu.onnx.gemma3.Landmark.Lookup;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A decoder, found by following the residual stream from what the graph gives back to the table.
 * Neither names nor the order of the nodes play a part.
 *
 * @param layers attention and MLP of each layer, in the model's order
 * @param end the last norm and what follows it
 * @param table the embedding, or null if the graph takes embedded tokens
 * @param arithmetic what lies between: the table's factor, the gates' function
 */
record DecoderStructure(
        List<Layer> layers, DecoderEnd end, Lookup table, DecoderArithmetic arithmetic) {

    /** One layer. */
    record Layer(AttentionBlock attention, MlpBlock mlp) {}

    /** Finds the decoder, or says in one exception everything that is not like one. */
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
        DecoderStructure found = new DecoderFinder(landmarks, problems).find();
        if (problems.isEmpty()) {
            found.arithmetic.check(found);
            problems.addAll(found.arithmetic.problems());
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
                    file
                            + ": not the graph of a decoder that is run:\n  - "
                            + String.join("\n  - ", problems));
        }
        if (found.arithmetic.usesErf()) {
            warnings.add(
                    "GELU: the graph computes it by erf, Gemma 3 is defined by the approximation by"
                            + " tanh, which is used; the two differ by less than 0.0005");
        }
        return found;
    }

    /** Where layers normalise; they all do it alike. */
    NormPlacement norms() {
        return layers.get(0).mlp().outputNorm() == null
                ? NormPlacement.BEFORE
                : NormPlacement.AROUND;
    }

    /** Whether queries and keys are normalised head by head. */
    boolean headNorms() {
        return layers.get(0).attention().headNorms();
    }

    /** The gates' function. */
    GateActivation activation() {
        return arithmetic.activation();
    }

    /** Whether the graph gives hidden states or an embedding, not logits. */
    boolean isEmbedding() {
        return end.head() == null;
    }
}
