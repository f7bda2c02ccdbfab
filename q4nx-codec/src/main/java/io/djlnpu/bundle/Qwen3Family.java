package io.djlnpu.bundle;

import io.djlnpu.format.ModelFormatException;
import java.util.List;
import java.util.Map;

/**
 * Qwen 3's dense models: Llama's layers with a norm of each query and key head, whose width is
 * stated apart from {@code hidden / heads}.
 */
final class Qwen3Family extends Family {

    Qwen3Family() {
        super("qwen3", "Qwen 3");
    }

    @Override
    public LayerStyle style(float epsilon, double scalar) {
        return new LayerStyle(
                NormPlacement.BEFORE, true, GateActivation.SILU, epsilon, scalar, false);
    }

    @Override
    boolean hasArchitecture(String architecture) {
        return architecture.equals("Qwen3ForCausalLM");
    }

    @Override
    void departures(ConfigReader text, List<String> found) throws ModelFormatException {
        ConfigKeys.plainDepartures(this, text, found);
    }

    @Override
    DecoderSpec spec(ConfigReader top) throws ModelFormatException {
        return ConfigKeys.plainSpec(this, top, 0);
    }

    @Override
    void write(DecoderSpec spec, boolean tied, Map<String, Object> json) {
        ConfigKeys.putSizes(spec, "Qwen3ForCausalLM", name(), json);
        ConfigKeys.putPlainAttention(spec, json);
        ConfigKeys.putTokens(spec, tied, json);
    }
}
