package io.djlnpu.bundle;

import io.djlnpu.format.ModelFormatException;
import java.util.List;
import java.util.Map;

/** VaultGemma: Gemma's layers with two norms each, none of heads, and no window. */
final class VaultGemmaFamily extends Family {

    VaultGemmaFamily() {
        super("vaultgemma", "VaultGemma");
    }

    @Override
    public LayerStyle style(float epsilon, double scalar) {
        return new LayerStyle(
                NormPlacement.BEFORE, false, GateActivation.GELU_TANH, epsilon, scalar, true);
    }

    @Override
    public float normOffset() {
        return 1;
    }

    /** It has lost Gemma's outer norms, and kept the names of those inside. */
    @Override
    public String suffix(LayerTensor tensor) {
        return tensor.suffix();
    }

    @Override
    boolean hasArchitecture(String architecture) {
        return architecture.equals("VaultGemmaForCausalLM");
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
        ConfigKeys.putSizes(spec, "VaultGemmaForCausalLM", name(), json);
        ConfigKeys.putPlainAttention(spec, json);
        json.put("query_pre_attn_scalar", spec.queryPreAttentionScalar());
        ConfigKeys.putTokens(spec, tied, json);
    }
}
