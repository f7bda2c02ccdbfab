package io.djlnpu.onnx.gemma3;

import io.djlnpu.onnx.gemma3.DecoderStructure.Layer;
import io.djlnpu.onnx.weight.WeightExpression;
import io.djlnpu.onnx.weight.WeightResolver;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What the decoder's graph itself says about the configuration. Absent evidence is null, NaN or 0.
 *
 * @param hidden width of the residual stream
 * @param headDim width of a head
 * @param heads query heads
 * @param kvHeads key and value heads
 * @param intermediate width of the MLP
 * @param vocabulary rows of table and head
 * @param epsilon epsilon of the norms, NaN if not found
 * @param scale attention scale, NaN if not found
 * @param windows for each layer the window, -1 for global layers, 0 if not found
 * @param ropes for each layer the rotary embedding, null if not found
 */
record ConfigFacts(
        int hidden,
        int headDim,
        int heads,
        int kvHeads,
        int intermediate,
        int vocabulary,
        float epsilon,
        double scale,
        List<Integer> windows,
        List<RopeEvidence> ropes) {

    static ConfigFacts of(DecoderStructure decoder, WeightExpression table, WeightResolver resolver)
            throws IOException {
        Layer first = decoder.layers().get(0);
        int headDim = first.attention().queryNorm().columns();
        List<Integer> windows = new ArrayList<>();
        List<RopeEvidence> ropes = new ArrayList<>();
        for (Layer layer : decoder.layers()) {
            windows.add((int) layer.attention().anchor().integer("local_window_size", 0));
            ropes.add(RopeEvidence.of(layer.attention(), resolver));
        }
        return new ConfigFacts(
                decoder.finalNorm().weight().columns(),
                headDim,
                first.attention().query().rows() / headDim,
                first.attention().key().rows() / headDim,
                first.mlp().gate().rows(),
                table.rows(),
                decoder.finalNorm().epsilon(),
                ScaleEvidence.of(first.attention(), resolver),
                windows,
                ropes);
    }

    int layers() {
        return windows.size();
    }

    /** The first window that is one, or 0. */
    int window() {
        return windows.stream().filter(w -> w > 0).findFirst().orElse(0);
    }
}
