package io.djlnpu.onnx.check;

import io.djlnpu.bundle.GateActivation;
import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import io.djlnpu.onnx.OnnxModel;
import io.djlnpu.onnx.OnnxNode;
import io.djlnpu.onnx.structure.Dataflow;
import io.djlnpu.onnx.structure.DecoderFinder;
import io.djlnpu.onnx.structure.DecoderStructure;
import io.djlnpu.onnx.structure.Landmarks;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A decoder that was found, and what was seen between its parts.
 *
 * @param structure the decoder
 * @param activation the gates' function
 * @param tableScale what this graph multiplies embedded tokens by before the first norm
 */
public record DecoderCheck(
        DecoderStructure structure, GateActivation activation, double tableScale) {

    /** Finds the decoder, or says in one exception everything that is not like one. */
    public static DecoderCheck find(Landmarks landmarks, OnnxModel model, List<String> warnings)
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
        DecoderArithmetic arithmetic = new DecoderArithmetic(new Dataflow(landmarks), landmarks);
        if (problems.isEmpty()) {
            arithmetic.check(found);
            problems.addAll(arithmetic.problems());
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
        if (arithmetic.usesErf()) {
            warnings.add(
                    "GELU: the graph computes it by erf, Gemma 3 is defined by the approximation by"
                            + " tanh, which is used; the two differ by less than 0.0005");
        }
        return new DecoderCheck(found, arithmetic.activation(), arithmetic.tableScale());
    }
}
