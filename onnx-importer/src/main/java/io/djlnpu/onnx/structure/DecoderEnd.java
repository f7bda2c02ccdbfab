package io.djlnpu.onnx.structure;

import io.djlnpu.onnx.structure.Dataflow.Trace;
import io.djlnpu.onnx.structure.Landmark.Norm;
import io.djlnpu.onnx.structure.Landmark.Projection;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What a decoder gives: logits by a head, or hidden states, perhaps pooled and led through dense
 * layers.
 *
 * @param finalNorm the norm behind the last layer
 * @param head the projection to the vocabulary, or null for an embedding model
 * @param dense the dense layers behind pooling, none for hidden states as they are
 * @param pooled whether tokens are pooled in the graph
 * @param normalised whether the result is divided by its length in the graph
 */
public record DecoderEnd(
        Norm finalNorm,
        Projection head,
        List<Projection> dense,
        boolean pooled,
        boolean normalised) {

    private static final int MOST_DENSE = 8;
    private static final Set<String> SUMS = Set.of("ReduceSum", "ReduceMean");
    private static final Set<String> LENGTHS = Set.of("ReduceL2", "LpNormalization");

    /** Finds the end; null with a problem where there is none that is known. */
    public static DecoderEnd find(Landmarks landmarks, Dataflow flow, List<String> problems)
            throws IOException {
        List<Projection> last = new ArrayList<>();
        for (Projection projection : landmarks.all(Projection.class).toList()) {
            if (leadsOut(projection, flow)) {
                last.add(projection);
            }
        }
        if (last.isEmpty()) {
            return hiddenStates(landmarks, flow, problems);
        }
        if (last.size() > 1) {
            problems.add("no projection leads to the logits");
            return null;
        }
        List<Projection> chain = new ArrayList<>(last);
        Trace before = flow.back(last.get(0).input());
        while (before.of(Norm.class).isEmpty()
                && before.only(Projection.class) != null
                && chain.size() < MOST_DENSE) {
            chain.addFirst(before.only(Projection.class));
            before = flow.back(chain.getFirst().input());
        }
        Norm finalNorm = before.only(Norm.class);
        if (finalNorm == null) {
            problems.add("no norm before the head " + last.get(0).node().label());
            return null;
        }
        boolean pooled = before.operators().anyMatch(SUMS::contains);
        if (!pooled && chain.size() == 1) {
            return new DecoderEnd(finalNorm, chain.get(0), List.of(), false, false);
        }
        if (!pooled || !isMean(before)) {
            problems.add(
                    chain.getFirst().node().label()
                            + ": a dense layer behind the decoder, and what feeds it is not the mean"
                            + " over the text's tokens");
        }
        return new DecoderEnd(finalNorm, null, chain, true, normalised(last.get(0), flow));
    }

    private static boolean isMean(Trace trace) {
        return trace.operators().anyMatch("ReduceMean"::equals)
                || trace.operators().anyMatch("Div"::equals);
    }

    private static boolean normalised(Landmark last, Dataflow flow) throws IOException {
        Trace behind = flow.forward(last.node().output(0));
        return behind.operators().anyMatch(LENGTHS::contains)
                || behind.operators().anyMatch("Sqrt"::equals)
                        && behind.operators().anyMatch("Div"::equals);
    }

    private static DecoderEnd hiddenStates(
            Landmarks landmarks, Dataflow flow, List<String> problems) throws IOException {
        List<Norm> last = new ArrayList<>();
        for (Norm norm : landmarks.all(Norm.class).toList()) {
            if (leadsOut(norm, flow)) {
                last.add(norm);
            }
        }
        if (last.size() != 1) {
            problems.add("no projection leads to the logits, and no norm to hidden states");
            return null;
        }
        Trace behind = flow.forward(last.get(0).node().output(0));
        boolean pooled = behind.operators().anyMatch(SUMS::contains);
        if (pooled && !isMean(behind)) {
            problems.add(
                    last.get(0).node().label()
                            + ": hidden states are summed over tokens, but not to their mean");
        }
        return new DecoderEnd(
                last.get(0), null, List.of(), pooled, pooled && normalised(last.get(0), flow));
    }

    private static boolean leadsOut(Landmark landmark, Dataflow flow) throws IOException {
        Trace trace = flow.forward(landmark.node().output(0));
        return trace.arrivals().isEmpty() && !trace.borders().isEmpty();
    }
}
