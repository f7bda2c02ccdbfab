package io.djlnpu.bundle;

import io.djlnpu.format.ModelFormatException;
import java.util.List;
import java.util.Map;

/**
 * A family whose layers are what is priced, attention with grouped queries and then a gated MLP,
 * and which is not run: its sizes are read, and what else it computes is left open.
 */
final class PricedFamily extends Family {

    private final NormPlacement norms;
    private final boolean headNorms;

    PricedFamily(String modelType, NormPlacement norms, boolean headNorms) {
        super(modelType, modelType);
        this.norms = norms;
        this.headNorms = headNorms;
    }

    @Override
    public boolean isRun() {
        return false;
    }

    @Override
    public LayerStyle style(float epsilon, double scalar) {
        return new LayerStyle(norms, headNorms, GateActivation.SILU, epsilon, scalar, false);
    }

    @Override
    boolean hasArchitecture(String architecture) {
        return false;
    }

    @Override
    void departures(ConfigReader text, List<String> found) {}

    @Override
    DecoderSpec spec(ConfigReader top) throws ModelFormatException {
        // Gemma 2 says nothing of a habit that all its models have
        return ConfigKeys.plainSpec(this, top, name().equals("gemma2") ? 2 : 0);
    }

    @Override
    void write(DecoderSpec spec, boolean tied, Map<String, Object> json) {
        ConfigKeys.putSizes(spec, "", name(), json);
        ConfigKeys.putPlainAttention(spec, json);
        ConfigKeys.putTokens(spec, tied, json);
    }
}
