package io.djlnpu.bundle;

import io.djlnpu.format.ModelFormatException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Gemma 3, and what has its layers under other names.
 *
 * <p>A value is taken from the file, else from the published size with the same width and depth,
 * else from the defaults of transformers.
 */
final class Gemma3Family extends Family {

    private static final Set<String> MODEL_TYPES =
            Set.of(
                    "gemma3",
                    "gemma3_text",
                    "functiongemma",
                    "medgemma",
                    "shieldgemma2",
                    "translategemma");
    private static final Set<String> ARCHITECTURES =
            Set.of(
                    "Gemma3ForCausalLM",
                    "Gemma3ForConditionalGeneration",
                    "Gemma3TextModel",
                    "ShieldGemma2ForImageClassification");
    private static final double GLOBAL_THETA = 1e6;
    private static final double LOCAL_THETA = 1e4;
    private static final TokenIds TOKENS = new TokenIds(2, 0, List.of(1, 106));

    Gemma3Family() {
        super("gemma3", "Gemma 3");
    }

    @Override
    public LayerStyle style(float epsilon, double scalar) {
        return new LayerStyle(
                NormPlacement.AROUND, true, GateActivation.GELU_TANH, epsilon, scalar, true);
    }

    @Override
    public float normOffset() {
        return 1;
    }

    @Override
    boolean hasModelType(String type) {
        return MODEL_TYPES.contains(type);
    }

    @Override
    boolean hasArchitecture(String architecture) {
        return ARCHITECTURES.contains(architecture);
    }

    @Override
    void departures(ConfigReader text, List<String> found) throws ModelFormatException {
        ConfigKeys.plainDepartures(this, text, found);
        if (global(text, Optional.empty()).scaling() instanceof RopeScaling.Llama3) {
            found.add("RoPE scaling 'llama3'; Gemma 3 has linear scaling or none");
        }
    }

    @Override
    DecoderSpec spec(ConfigReader top) throws ModelFormatException {
        ConfigReader text = ConfigKeys.text(top);
        int hidden = text.count("hidden_size", 2304, ConfigKeys.MAX_WIDTH);
        int layers = text.count("num_hidden_layers", 26, ConfigKeys.MAX_LAYERS);
        Optional<Gemma3Sizes> size = Gemma3Sizes.find(hidden, layers);
        return new DecoderSpec(
                name(),
                sizes(text, hidden, layers, size),
                style(
                        text.epsilon("rms_norm_eps"),
                        text.positive(
                                "query_pre_attn_scalar",
                                size.map(Gemma3Sizes::queryPreAttentionScalar).orElse(256.0))),
                attention(text, layers, size, Visibility.window(window(text, size))),
                ConfigKeys.tokens(top, TOKENS),
                Optional.empty(),
                VisionKeys.read(top));
    }

    static DecoderSizes sizes(ConfigReader text, int hidden, int layers, Optional<Gemma3Sizes> size)
            throws ModelFormatException {
        int heads =
                text.count(
                        "num_attention_heads",
                        size.map(Gemma3Sizes::heads).orElse(8),
                        ConfigKeys.MAX_HEADS);
        return new DecoderSizes(
                hidden,
                layers,
                heads,
                ConfigKeys.kvHeads(text, heads, size.map(Gemma3Sizes::kvHeads).orElse(4)),
                text.count(
                        "head_dim",
                        size.map(Gemma3Sizes::headDim).orElse(256),
                        ConfigKeys.MAX_HEAD_DIM),
                text.count(
                        "intermediate_size",
                        size.map(Gemma3Sizes::intermediateSize).orElse(9216),
                        ConfigKeys.MAX_WIDTH),
                text.count(
                        "vocab_size",
                        size.map(Gemma3Sizes::vocabSize).orElse(262208),
                        ConfigKeys.MAX_VOCABULARY),
                text.count(
                        "max_position_embeddings",
                        size.map(Gemma3Sizes::maxPositions).orElse(131072),
                        ConfigKeys.MAX_POSITIONS));
    }

    static int window(ConfigReader text, Optional<Gemma3Sizes> size) throws ModelFormatException {
        return text.count(
                "sliding_window",
                size.map(Gemma3Sizes::slidingWindow).orElse(4096),
                ConfigKeys.MAX_POSITIONS);
    }

    /** Local layers, five of six by default, see {@code window} and are never scaled. */
    static AttentionLayout attention(
            ConfigReader text, int layers, Optional<Gemma3Sizes> size, Visibility window)
            throws ModelFormatException {
        Visibility all = window.isCausal() ? Visibility.CAUSAL : Visibility.ALL;
        return new AttentionLayout(
                new AttentionSpec(RopeSpec.of(RopeKeys.localTheta(text, LOCAL_THETA)), window),
                new AttentionSpec(global(text, size), all),
                layerTypes(text, layers));
    }

    private static RopeSpec global(ConfigReader text, Optional<Gemma3Sizes> size)
            throws ModelFormatException {
        RopeSpec rope = RopeKeys.global(text, GLOBAL_THETA);
        // a minimal file of a published size states no RoPE at all
        boolean silent =
                !text.has("rope_scaling")
                        && !text.has("rope_theta")
                        && !text.has("rope_parameters");
        return silent && size.isPresent()
                ? new RopeSpec(rope.theta(), RopeScaling.linear(size.get().ropeScalingFactor()))
                : rope;
    }

    private static List<Boolean> layerTypes(ConfigReader text, int layers)
            throws ModelFormatException {
        if (!text.texts("layer_types").isEmpty()) {
            return ConfigKeys.layerTypes(text, layers);
        }
        return ConfigKeys.pattern(
                layers,
                text.count(
                        "sliding_window_pattern",
                        text.count("_sliding_window_pattern", 6, 1024),
                        1024));
    }

    @Override
    void write(DecoderSpec spec, boolean tied, Map<String, Object> json) {
        String type = spec.vision().isPresent() ? "gemma3" : "gemma3_text";
        ConfigKeys.putSizes(spec, "Gemma3ForCausalLM", type, json);
        putAttention(spec, spec.slidingWindow(), json);
        ConfigKeys.putTokens(spec, tied, json);
        spec.vision().ifPresent(vision -> VisionKeys.put(vision, json));
    }

    static void putAttention(DecoderSpec spec, int window, Map<String, Object> json) {
        RopeSpec rope = spec.attention().global().rope();
        json.put("rope_theta", rope.theta());
        json.put("rope_local_base_freq", spec.attention().local().rope().theta());
        json.put("rope_scaling", RopeKeys.render(rope.scaling()));
        json.put("sliding_window", window);
        int firstGlobal = spec.localLayers().indexOf(false);
        json.put("sliding_window_pattern", firstGlobal < 0 ? 6 : firstGlobal + 1);
        ConfigKeys.putLayerTypes(spec, json);
        json.put("query_pre_attn_scalar", spec.queryPreAttentionScalar());
        json.put("hidden_act", spec.style().activation().key());
        json.put("hidden_activation", spec.style().activation().key());
    }
}
