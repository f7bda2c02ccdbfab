package io.djlnpu.bundle;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import io.djlnpu.format.ModelFormatException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** The keys that the families share, read and written. */
final class ConfigKeys {

    static final int MAX_WIDTH = 1 << 20;
    static final int MAX_LAYERS = 1024;
    static final int MAX_HEADS = 4096;
    static final int MAX_HEAD_DIM = 8192;
    static final int MAX_VOCABULARY = 1 << 24;
    static final int MAX_POSITIONS = 1 << 30;

    private static final Gson GSON =
            new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();

    private ConfigKeys() {}

    /** The text model's part: under a key of its own in a model that does more. */
    static ConfigReader text(ConfigReader top) throws ModelFormatException {
        return top.object("text_config").orElse(top);
    }

    static String render(Map<String, Object> json) {
        return GSON.toJson(json) + "\n";
    }

    /** A decoder with one base of rotation, whose file states its sizes. */
    static DecoderSpec plainSpec(Family family, ConfigReader top, int habit)
            throws ModelFormatException {
        ConfigReader text = text(top);
        DecoderSizes sizes = sizes(text);
        RopeSpec rope = RopeKeys.global(text, 10_000);
        AttentionSpec global = new AttentionSpec(rope, Visibility.CAUSAL);
        List<Boolean> local = windowed(text, sizes.layers(), habit);
        AttentionSpec windowed = global;
        if (local.contains(true)) {
            int window = text.required("sliding_window", MAX_POSITIONS);
            windowed = new AttentionSpec(rope, Visibility.window(window));
        }
        LayerStyle style =
                family.style(
                        text.epsilon("rms_norm_eps"),
                        text.positive("query_pre_attn_scalar", sizes.headDim()));
        return new DecoderSpec(
                family.name(),
                sizes,
                style,
                new AttentionLayout(windowed, global, local),
                tokens(top, new TokenIds(TokenIds.NONE, TokenIds.NONE, List.of())),
                Optional.empty(),
                Optional.empty());
    }

    private static DecoderSizes sizes(ConfigReader text) throws ModelFormatException {
        int hidden = text.required("hidden_size", MAX_WIDTH);
        int layers = text.required("num_hidden_layers", MAX_LAYERS);
        int heads = text.required("num_attention_heads", MAX_HEADS);
        int kvHeads = kvHeads(text, heads, heads);
        return new DecoderSizes(
                hidden,
                layers,
                heads,
                kvHeads,
                text.count("head_dim", Math.max(1, hidden / heads), MAX_HEAD_DIM),
                text.required("intermediate_size", MAX_WIDTH),
                text.required("vocab_size", MAX_VOCABULARY),
                text.count("max_position_embeddings", 2048, MAX_POSITIONS));
    }

    static int kvHeads(ConfigReader text, int heads, int fallback) throws ModelFormatException {
        int kvHeads = text.count("num_key_value_heads", fallback, MAX_HEADS);
        if (heads % kvHeads != 0) {
            throw text.malformed(
                    "num_key_value_heads", kvHeads + " does not divide " + heads + " heads");
        }
        return kvHeads;
    }

    /** Which layers see a window: as a list says, or a pattern, or the family's habit. */
    private static List<Boolean> windowed(ConfigReader text, int layers, int habit)
            throws ModelFormatException {
        if (text.has("layer_types")) {
            return layerTypes(text, layers);
        }
        if (!text.flag("use_sliding_window", true) || text.number("sliding_window", 0) <= 0) {
            return Collections.nCopies(layers, false);
        }
        int pattern = (int) text.number("sliding_window_pattern", habit);
        if (pattern > 0) {
            return pattern(layers, pattern);
        }
        // Qwen keeps its first layers global
        int first = (int) Math.clamp(text.number("max_window_layers", 0), 0, layers);
        return IntStream.range(0, layers).mapToObj(i -> i >= first).toList();
    }

    static List<Boolean> pattern(int layers, int pattern) {
        return IntStream.range(0, layers).mapToObj(i -> (i + 1) % pattern != 0).toList();
    }

    static List<Boolean> layerTypes(ConfigReader text, int layers) throws ModelFormatException {
        List<String> types = text.texts("layer_types");
        if (types.size() != layers) {
            throw text.malformed(
                    "layer_types", types.size() + " entries for " + layers + " layers");
        }
        List<Boolean> local = new ArrayList<>();
        for (String type : types) {
            switch (type) {
                case "sliding_attention" -> local.add(true);
                case "full_attention" -> local.add(false);
                default ->
                        throw text.malformed(
                                "layer_types",
                                "unknown type '"
                                        + type
                                        + "', expected full_attention or sliding_attention");
            }
        }
        return local;
    }

    static TokenIds tokens(ConfigReader top, TokenIds fallback) throws ModelFormatException {
        ConfigReader text = text(top);
        return new TokenIds(
                text.token("bos_token_id", top.token("bos_token_id", fallback.bos())),
                text.token("pad_token_id", top.token("pad_token_id", fallback.pad())),
                top.tokens("eos_token_id", text.tokens("eos_token_id", fallback.eos())));
    }

    /** What no family's layers have, and a gate that this one's have not. */
    static void plainDepartures(Family family, ConfigReader text, List<String> found)
            throws ModelFormatException {
        DenseCheck.check(text);
        for (String key : List.of("attention_bias", "mlp_bias")) {
            if (text.flag(key, false)) {
                found.add(
                        key
                                + " is set: projections with a bias, which no "
                                + family.title()
                                + " that is run has");
            }
        }
        GateActivation expected = family.style(1, 1).activation();
        String key = text.has("hidden_activation") ? "hidden_activation" : "hidden_act";
        String activation = text.text(key, expected.key());
        boolean gelu = expected == GateActivation.GELU_TANH && activation.startsWith("gelu");
        boolean silu = expected == GateActivation.SILU && activation.equals("swish");
        if (!gelu && !silu && !activation.equals(expected.key())) {
            found.add(
                    "%s is '%s'; %s has %s"
                            .formatted(key, activation, family.title(), expected.key()));
        }
        for (String cap : List.of("final_logit_softcapping", "attn_logit_softcapping")) {
            if (text.has(cap)) {
                found.add(cap + " is set, which no " + family.title() + " has");
            }
        }
        if (text.number("partial_rotary_factor", 1) != 1) {
            found.add("partial_rotary_factor is set: heads are rotated as a whole or not at all");
        }
        if (RopeKeys.global(text, 1).scaling() instanceof RopeScaling.Other other) {
            found.add(
                    "RoPE scaling '%s'; linear, llama3 or none are known".formatted(other.type()));
        }
        if (text.flag("use_bidirectional_attention", false) && family.isCausal()) {
            found.add("use_bidirectional_attention is set; " + family.title() + " is causal");
        }
    }

    static void putSizes(
            DecoderSpec spec, String architecture, String modelType, Map<String, Object> json) {
        json.put("architectures", List.of(architecture));
        json.put("model_type", modelType);
        json.put("hidden_size", spec.hiddenSize());
        json.put("num_hidden_layers", spec.layers());
        json.put("num_attention_heads", spec.heads());
        json.put("num_key_value_heads", spec.kvHeads());
        json.put("head_dim", spec.headDim());
        json.put("intermediate_size", spec.intermediateSize());
        json.put("vocab_size", spec.vocabSize());
        json.put("max_position_embeddings", spec.maxPositions());
        json.put("rms_norm_eps", Double.parseDouble(Float.toString(spec.rmsNormEpsilon())));
    }

    static void putPlainAttention(DecoderSpec spec, Map<String, Object> json) {
        RopeSpec rope = spec.attention().global().rope();
        json.put("rope_theta", rope.theta());
        json.put("rope_scaling", RopeKeys.render(rope.scaling()));
        if (spec.localLayers().contains(true)) {
            json.put("sliding_window", spec.slidingWindow());
            putLayerTypes(spec, json);
        }
        json.put("hidden_act", spec.style().activation().key());
    }

    static void putLayerTypes(DecoderSpec spec, Map<String, Object> json) {
        json.put(
                "layer_types",
                spec.localLayers().stream()
                        .map(l -> l ? "sliding_attention" : "full_attention")
                        .toList());
    }

    static void putTokens(DecoderSpec spec, boolean tied, Map<String, Object> json) {
        json.put("tie_word_embeddings", tied);
        putToken("bos_token_id", spec.bosTokenId(), json);
        putToken("pad_token_id", spec.padTokenId(), json);
        if (!spec.eosTokenIds().isEmpty()) {
            json.put("eos_token_id", spec.eosTokenIds());
        }
    }

    private static void putToken(String key, int id, Map<String, Object> json) {
        if (id != TokenIds.NONE) {
            json.put(key, id);
        }
    }
}
