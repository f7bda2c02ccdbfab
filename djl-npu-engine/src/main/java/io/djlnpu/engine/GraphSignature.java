package io.djlnpu.engine;

import ai.djl.ndarray.types.Shape;
import ai.djl.util.PairList;
import io.djlnpu.bundle.DecoderSpec;

/**
 * Names and shapes of what goes in and comes out, as exporters call them.
 *
 * <p>The order of inputs is that of DJL's text generation: ids, positions, mask, then key and value
 * of each layer. Outputs: logits, key and value of each layer, then the hidden states, which the
 * exported graphs do not have.
 */
final class GraphSignature {

    static final String IDS = "input_ids";
    static final String POSITIONS = "position_ids";
    static final String MASK = "attention_mask";
    static final String LOGITS = "logits";
    static final String HIDDEN = "hidden_states";

    private GraphSignature() {}

    static String past(int layer, boolean key) {
        return "past_key_values." + layer + (key ? ".key" : ".value");
    }

    static String present(int layer, boolean key) {
        return "present." + layer + (key ? ".key" : ".value");
    }

    static PairList<String, Shape> inputs(DecoderSpec config) {
        PairList<String, Shape> inputs = new PairList<>();
        inputs.add(IDS, new Shape(-1, -1));
        if (config.isEmbedding()) {
            inputs.add(MASK, new Shape(-1, -1));
            return inputs;
        }
        inputs.add(POSITIONS, new Shape(-1, -1));
        inputs.add(MASK, new Shape(-1, -1));
        Shape cache = new Shape(-1, config.kvHeads(), -1, config.headDim());
        for (int layer = 0; layer < config.layers(); layer++) {
            inputs.add(past(layer, true), cache);
            inputs.add(past(layer, false), cache);
        }
        return inputs;
    }

    static PairList<String, Shape> outputs(DecoderSpec config) {
        PairList<String, Shape> outputs = new PairList<>();
        if (config.embedding().isPresent()) {
            int width = config.embedding().get().width(config.hiddenSize());
            outputs.add(EmbeddingStep.STATES, new Shape(-1, -1, config.hiddenSize()));
            outputs.add(EmbeddingStep.EMBEDDING, new Shape(-1, width));
            return outputs;
        }
        outputs.add(LOGITS, new Shape(-1, -1, config.vocabSize()));
        Shape cache = new Shape(-1, config.kvHeads(), -1, config.headDim());
        for (int layer = 0; layer < config.layers(); layer++) {
            outputs.add(present(layer, true), cache);
            outputs.add(present(layer, false), cache);
        }
        outputs.add(HIDDEN, new Shape(-1, -1, config.hiddenSize()));
        return outputs;
    }
}
