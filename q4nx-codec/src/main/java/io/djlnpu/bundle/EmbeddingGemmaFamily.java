package io.djlnpu.bundle;

import io.djlnpu.format.ModelFormatException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * EmbeddingGemma: Gemma 3's layers, seeing in both directions, and pooling and dense layers instead
 * of a head.
 *
 * <p>Its {@code sliding_window} counts both sides: of a window {@code w} a query sees the keys at a
 * distance below {@code w / 2 + 1}, as transformers does. Exporters write the halved number into
 * their own {@code config.json}; this family reads and writes Google's.
 */
final class EmbeddingGemmaFamily extends Family {

    static final String NAME = "embeddinggemma";

    /** The sizes that Google published come under another width than Gemma 3's. */
    private static final Optional<Gemma3Sizes> NO_SIZE = Optional.empty();

    EmbeddingGemmaFamily() {
        super(NAME, "EmbeddingGemma");
    }

    @Override
    public LayerStyle style(float epsilon, double scalar) {
        return Families.GEMMA3.style(epsilon, scalar);
    }

    @Override
    public float normOffset() {
        return 1;
    }

    @Override
    public boolean isCausal() {
        return false;
    }

    @Override
    boolean hasArchitecture(String architecture) {
        return false;
    }

    @Override
    void departures(ConfigReader text, List<String> found) throws ModelFormatException {
        ConfigKeys.plainDepartures(this, text, found);
    }

    @Override
    DecoderSpec spec(ConfigReader top) throws ModelFormatException {
        ConfigReader text = ConfigKeys.text(top);
        int hidden = text.count("hidden_size", 768, ConfigKeys.MAX_WIDTH);
        int layers = text.count("num_hidden_layers", 24, ConfigKeys.MAX_LAYERS);
        Visibility window = Visibility.around(Gemma3Family.window(text, NO_SIZE) / 2);
        return new DecoderSpec(
                name(),
                Gemma3Family.sizes(text, hidden, layers, NO_SIZE),
                style(text.epsilon("rms_norm_eps"), text.positive("query_pre_attn_scalar", 256)),
                Gemma3Family.attention(text, layers, NO_SIZE, window),
                ConfigKeys.tokens(top, new TokenIds(2, 0, List.of(1))),
                Optional.of(EmbeddingKeys.read(top, hidden)),
                Optional.empty());
    }

    @Override
    void write(DecoderSpec spec, boolean tied, Map<String, Object> json) {
        ConfigKeys.putSizes(spec, "Gemma3TextModel", "gemma3_text", json);
        int each = spec.attention().local().visible().before();
        Gemma3Family.putAttention(spec, Math.multiplyExact(2, each), json);
        json.put("use_bidirectional_attention", true);
        ConfigKeys.putTokens(spec, tied, json);
        EmbeddingKeys.put(spec.embedding().orElseThrow(), json);
    }
}
