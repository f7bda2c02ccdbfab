package io.djlnpu.bundle;

import io.djlnpu.format.ModelFormatException;
import java.util.List;
import java.util.Map;

/**
 * Llama 2 and 3, and what has their layers under its own name (TinyLlama, SmolLM 2): two norms a
 * layer, a SiLU gate, rotary scaling by frequency from 3.1 on, a head of its own or the table.
 */
final class LlamaFamily extends Family {

    LlamaFamily() {
        super("llama", "Llama");
    }

    @Override
    public LayerStyle style(float epsilon, double scalar) {
        return new LayerStyle(
                NormPlacement.BEFORE, false, GateActivation.SILU, epsilon, scalar, false);
    }

    @Override
    boolean hasArchitecture(String architecture) {
        return architecture.equals("LlamaForCausalLM");
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
        ConfigKeys.putSizes(spec, "LlamaForCausalLM", name(), json);
        ConfigKeys.putPlainAttention(spec, json);
        ConfigKeys.putTokens(spec, tied, json);
    }
}
