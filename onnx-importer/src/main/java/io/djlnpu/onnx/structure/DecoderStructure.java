package io.djlnpu.onnx.structure;

import io.djlnpu.bundle.NormPlacement;
import io.djlnpu.onnx.structure.Landmark.Lookup;
import java.util.List;

/**
 * A decoder, found by following the residual stream from what the graph gives back to the table.
 * Neither names nor the order of the nodes play a part.
 *
 * @param layers attention and MLP of each layer, in the model's order
 * @param end the last norm and what follows it
 * @param table the embedding, or null if the graph takes embedded tokens
 */
public record DecoderStructure(List<Layer> layers, DecoderEnd end, Lookup table) {

    /** One layer. */
    public record Layer(AttentionBlock attention, MlpBlock mlp) {}

    /** Where layers normalise; they all do it alike. */
    public NormPlacement norms() {
        return layers.get(0).mlp().outputNorm() == null
                ? NormPlacement.BEFORE
                : NormPlacement.AROUND;
    }

    /** Whether queries and keys are normalised head by head. */
    public boolean headNorms() {
        return layers.get(0).attention().headNorms();
    }

    /** Whether the graph gives hidden states or an embedding, not logits. */
    public boolean isEmbedding() {
        return end.head() == null;
    }
}
