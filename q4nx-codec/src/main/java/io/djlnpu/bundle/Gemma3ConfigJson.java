package io.djlnpu.bundle;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * Reads every generation of Hugging Face's {@code config.json} for Gemma 3, and writes the bundle's
 * own.
 *
 * <p>A value is taken from the file, else from the published size with the same width and depth,
 * else from the defaults of transformers. RoPE: per-type {@code rope_parameters}, then flat ones,
 * then the older keys.
 *
 * <p><b>Errors</b>: {@link ModelFormatException} for a file that is not JSON, states impossible
 * values, or describes a model other than a causal Gemma 3.
 */
public final class Gemma3ConfigJson {

    /**
     * Families that are known to be others. Fine-tunes come under names of their own: whether they
     * are a Gemma 3 is seen from the weights.
     */
    private static final Pattern OTHER_FAMILIES =
            Pattern.compile(
                    "(gemma|gemma2|gemma3n.*|gemma4.*|t5gemma.*|recurrent_gemma|paligemma.*)"
                            + "|(llama|mistral|mixtral|ministral|pixtral|qwen|phi|gpt|opt|bloom"
                            + "|falcon|mpt|olmo|cohere|command|granite|deepseek|smollm|lfm|bert"
                            + "|roberta|t5|whisper|clip|siglip_model|starcoder|stablelm|mamba|jamba"
                            + "|glm|chatglm|internlm|exaone|nemotron|minicpm|ernie|yi)[-_0-9].*"
                            + "|llama|mistral|mixtral|qwen|phi|gpt2|opt|bloom|falcon|mpt|olmo"
                            + "|cohere|granite|bert|roberta|t5|whisper|clip|starcoder|mamba|glm"
                            + "|exaone|nemotron");

    private static final int MAX_WIDTH = 1 << 20;
    private static final int MAX_LAYERS = 1024;
    private static final Gson GSON =
            new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();

    private Gemma3ConfigJson() {}

    /**
     * Reads a file.
     *
     * @param file a {@code config.json}
     * @return the configuration
     * @throws IOException if it is unreadable, or no Gemma 3
     */
    public static DecoderSpec read(Path file) throws IOException {
        return parse(file.toString(), JsonFiles.read(file));
    }

    /**
     * Reads a configuration that is parsed already.
     *
     * @param origin what to call it in errors
     * @param json the whole file
     * @return the configuration
     * @throws ModelFormatException if it is no Gemma 3
     */
    public static DecoderSpec parse(String origin, JsonObject json) throws ModelFormatException {
        ConfigReader top = new ConfigReader(origin, json);
        ConfigReader text = top.child("text_config").orElse(top);
        refuseOthers(top);
        refuseOthers(text);
        int hidden = text.count("hidden_size", 2304, MAX_WIDTH);
        int layers = text.count("num_hidden_layers", 26, MAX_LAYERS);
        Optional<Gemma3Sizes> size = Gemma3Sizes.find(hidden, layers);
        int window =
                text.count(
                        "sliding_window",
                        size.map(Gemma3Sizes::slidingWindow).orElse(4096),
                        1 << 30);
        int heads = text.count("num_attention_heads", size.map(Gemma3Sizes::heads).orElse(8), 4096);
        int kvHeads =
                text.count("num_key_value_heads", size.map(Gemma3Sizes::kvHeads).orElse(4), 4096);
        if (heads % kvHeads != 0) {
            throw text.malformed(
                    "num_key_value_heads", kvHeads + " does not divide " + heads + " heads");
        }
        RopeSettings rope = RopeSettings.read(text, size);
        return new DecoderSpec(
                "gemma3",
                new DecoderSizes(
                        hidden,
                        layers,
                        heads,
                        kvHeads,
                        text.count("head_dim", size.map(Gemma3Sizes::headDim).orElse(256), 8192),
                        text.count(
                                "intermediate_size",
                                size.map(Gemma3Sizes::intermediateSize).orElse(9216),
                                MAX_WIDTH),
                        text.count(
                                "vocab_size",
                                size.map(Gemma3Sizes::vocabSize).orElse(262208),
                                1 << 24),
                        text.count(
                                "max_position_embeddings",
                                size.map(Gemma3Sizes::maxPositions).orElse(131072),
                                1 << 30)),
                new LayerStyle(
                        NormPlacement.AROUND,
                        true,
                        GateActivation.GELU_TANH,
                        text.epsilon("rms_norm_eps"),
                        text.positive(
                                "query_pre_attn_scalar",
                                size.map(Gemma3Sizes::queryPreAttentionScalar).orElse(256.0)),
                        true),
                new AttentionLayout(
                        new AttentionSpec(
                                RopeSpec.of(rope.localTheta()), Visibility.window(window)),
                        new AttentionSpec(
                                new RopeSpec(rope.globalTheta(), RopeScaling.linear(rope.factor())),
                                Visibility.CAUSAL),
                        layerTypes(text, layers)),
                new TokenIds(
                        text.token("bos_token_id", top.token("bos_token_id", 2)),
                        text.token("pad_token_id", top.token("pad_token_id", 0)),
                        top.tokens("eos_token_id", text.tokens("eos_token_id", List.of(1, 106)))),
                Optional.empty(),
                vision(top));
    }

    private static void refuseOthers(ConfigReader config) throws ModelFormatException {
        String type = config.text("model_type", "gemma3_text");
        if (OTHER_FAMILIES.matcher(type).matches()) {
            throw config.error(
                    Code.UNSUPPORTED_MODEL,
                    "model_type is '" + type + "'; only Gemma 3 (gemma3, gemma3_text) is run");
        }
        if (config.flag("attention_bias", false)) {
            throw config.error(
                    Code.UNSUPPORTED_MODEL,
                    "attention_bias is set: projections with a bias, which no Gemma 3 has");
        }
        String activation =
                config.text("hidden_activation", config.text("hidden_act", "gelu_pytorch_tanh"));
        if (!activation.startsWith("gelu")) {
            throw config.error(
                    Code.UNSUPPORTED_MODEL,
                    "hidden_activation is '" + activation + "'; Gemma 3 has gelu_pytorch_tanh");
        }
        if (config.flag("use_bidirectional_attention", false)) {
            throw config.error(
                    Code.UNSUPPORTED_MODEL,
                    "use_bidirectional_attention is set: an embedding model, not a generator");
        }
        for (String key : List.of("final_logit_softcapping", "attn_logit_softcapping")) {
            if (config.has(key)) {
                throw config.error(Code.UNSUPPORTED_MODEL, key + " is set, which no Gemma 3 has");
            }
        }
    }

    private static List<Boolean> layerTypes(ConfigReader text, int layers)
            throws ModelFormatException {
        List<String> types = text.texts("layer_types");
        if (types.isEmpty()) {
            int pattern =
                    text.count(
                            "sliding_window_pattern",
                            text.count("_sliding_window_pattern", 6, 1024),
                            1024);
            return IntStream.range(0, layers).mapToObj(i -> (i + 1) % pattern != 0).toList();
        }
        if (types.size() != layers) {
            throw text.malformed(
                    "layer_types", types.size() + " entries for " + layers + " layers");
        }
        List<Boolean> local = new ArrayList<>();
        for (String type : types) {
            switch (type) {
                case "sliding_attention" -> local.add(true);
                case "full_attention" -> local.add(false);
                default -> throw text.malformed("layer_types", "unknown type '" + type + "'");
            }
        }
        return local;
    }

    private static Optional<VisionSpec> vision(ConfigReader top) throws ModelFormatException {
        Optional<ConfigReader> child = top.child("vision_config");
        if (child.isEmpty()) {
            return Optional.empty();
        }
        ConfigReader vision = child.get();
        VisionSpec config =
                new VisionSpec(
                        vision.count("hidden_size", 1152, MAX_WIDTH),
                        vision.count("num_hidden_layers", 27, MAX_LAYERS),
                        vision.count("num_attention_heads", 16, 4096),
                        vision.count("intermediate_size", 4304, MAX_WIDTH),
                        vision.count("image_size", 896, 1 << 14),
                        vision.count("patch_size", 14, 1 << 10),
                        vision.epsilon("layer_norm_eps"),
                        top.count("mm_tokens_per_image", 256, 1 << 16),
                        top.token("image_token_index", top.token("image_token_id", 262144)),
                        top.token("boi_token_index", top.token("boi_token_id", 255999)),
                        top.token("eoi_token_index", top.token("eoi_token_id", 256000)));
        Optional<String> contradiction = config.contradiction();
        if (contradiction.isPresent()) {
            throw vision.error(Code.MALFORMED, contradiction.get());
        }
        return Optional.of(config);
    }

    /**
     * Renders a bundle's configuration: the keys that FastFlowLM reads, and what else it takes to
     * read it back.
     *
     * @param config the configuration of a model whose head is the table, as Gemma 3's is
     * @return JSON text that {@link #read} turns into an equal configuration
     */
    public static String write(DecoderSpec config) {
        return write(config, true);
    }

    /**
     * Renders a bundle's configuration.
     *
     * @param config the configuration
     * @param tied whether the head is the table; FastFlowLM reads either from the weights
     * @return JSON text that {@link #read} turns into an equal configuration
     */
    public static String write(DecoderSpec config, boolean tied) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("architectures", List.of("Gemma3ForCausalLM"));
        json.put("model_type", config.vision().isPresent() ? "gemma3" : "gemma3_text");
        json.put("hidden_size", config.hiddenSize());
        json.put("num_hidden_layers", config.layers());
        json.put("num_attention_heads", config.heads());
        json.put("num_key_value_heads", config.kvHeads());
        json.put("head_dim", config.headDim());
        json.put("intermediate_size", config.intermediateSize());
        json.put("vocab_size", config.vocabSize());
        json.put("max_position_embeddings", config.maxPositions());
        json.put("rms_norm_eps", Double.parseDouble(Float.toString(config.rmsNormEpsilon())));
        json.put("rope_theta", config.attention().global().rope().theta());
        json.put("rope_local_base_freq", config.attention().local().rope().theta());
        json.put("rope_scaling", scaling(config.attention().global().rope().linearFactor()));
        json.put("sliding_window", config.slidingWindow());
        json.put("sliding_window_pattern", pattern(config.localLayers()));
        json.put(
                "layer_types",
                config.localLayers().stream()
                        .map(l -> l ? "sliding_attention" : "full_attention")
                        .toList());
        json.put("query_pre_attn_scalar", config.queryPreAttentionScalar());
        json.put("hidden_act", "gelu_pytorch_tanh");
        json.put("hidden_activation", "gelu_pytorch_tanh");
        json.put("tie_word_embeddings", tied);
        json.put("bos_token_id", config.bosTokenId());
        json.put("pad_token_id", config.padTokenId());
        json.put("eos_token_id", config.eosTokenIds());
        config.vision().ifPresent(vision -> putVision(json, vision));
        return GSON.toJson(json) + "\n";
    }

    /** In an order of its own: that of Map.of is another one in every process. */
    private static Map<String, Object> scaling(double factor) {
        if (factor == 1) {
            return null;
        }
        Map<String, Object> scaling = new LinkedHashMap<>();
        scaling.put("factor", factor);
        scaling.put("rope_type", "linear");
        return scaling;
    }

    private static int pattern(List<Boolean> localLayers) {
        int firstGlobal = localLayers.indexOf(false);
        return firstGlobal < 0 ? 6 : firstGlobal + 1;
    }

    private static void putVision(Map<String, Object> json, VisionSpec vision) {
        Map<String, Object> child = new LinkedHashMap<>();
        child.put("model_type", "siglip_vision_model");
        child.put("hidden_size", vision.hiddenSize());
        child.put("num_hidden_layers", vision.layers());
        child.put("num_attention_heads", vision.heads());
        child.put("intermediate_size", vision.intermediateSize());
        child.put("image_size", vision.imageSize());
        child.put("patch_size", vision.patchSize());
        child.put("layer_norm_eps", Double.parseDouble(Float.toString(vision.layerNormEpsilon())));
        json.put("vision_config", child);
        json.put("vision_model_weight", ModelBundle.VISION_FILE);
        json.put("mm_tokens_per_image", vision.tokensPerImage());
        json.put("image_token_index", vision.imageTokenId());
        json.put("boi_token_index", vision.beginImageTokenId());
        json.put("eoi_token_index", vision.endImageTokenId());
    }
}
