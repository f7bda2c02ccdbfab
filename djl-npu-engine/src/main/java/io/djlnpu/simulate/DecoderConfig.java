package io.djlnpu.simulate;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import io.djlnpu.bundle.Family;
import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Reads the sizes of a decoder from a Hugging Face {@code config.json} of a family that is known to
 * be dense, with grouped queries and a gated MLP. A decoder inside a larger model stands under
 * {@code text_config}.
 */
final class DecoderConfig {

    /** How many MLPs a layer has, of which a token takes some: no price of a dense layer fits. */
    private static final Pattern EXPERTS =
            Pattern.compile("(.*_)?(num|n)_((local|routed)_)?experts");

    /** Other attention, or none in some layers: no price of grouped queries fits. */
    private static final List<String> OTHER_LAYERS =
            List.of("kv_lora_rank", "attn_layer_period", "layers_block_type", "ssm_cfg");

    private static final Set<String> GEMMA3 = Set.of("gemma3", "gemma3_text");

    private final Path file;
    private final JsonObject json;

    private DecoderConfig(Path file, JsonObject json) {
        this.file = file;
        this.json = json;
    }

    static DecoderShape read(Path file) throws IOException {
        try {
            JsonObject top = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
            JsonObject text = top.has("text_config") ? top.getAsJsonObject("text_config") : top;
            if (GEMMA3.contains(text(text, "model_type"))) {
                return DecoderShape.of(Family.parse(file.toString(), top));
            }
            return new DecoderConfig(file, text).shape();
        } catch (JsonParseException
                | IllegalStateException
                | UnsupportedOperationException
                | ClassCastException
                | IllegalArgumentException e) {
            throw new ModelFormatException(
                    Code.MALFORMED, file + ": not a config.json: " + e.getMessage(), e);
        }
    }

    private DecoderShape shape() throws ModelFormatException {
        NormStyle norms = norms();
        requireDense();
        int hidden = required("hidden_size");
        int layers = required("num_hidden_layers");
        int heads = required("num_attention_heads");
        int window = optional("sliding_window", 0);
        requireAttention(layers, window);
        int local = window > 0 && isWindowed() ? localLayers(layers) : 0;
        return new DecoderShape(
                hidden,
                layers,
                local,
                heads,
                optional("num_key_value_heads", heads),
                optional("head_dim", Math.max(1, hidden / heads)),
                required("intermediate_size"),
                required("vocab_size"),
                local > 0 ? window : Integer.MAX_VALUE,
                norms,
                Optional.empty());
    }

    /** Sizes without a family are taken for those of a plain decoder. */
    private NormStyle norms() throws ModelFormatException {
        String family = text(json, "model_type");
        return family.isEmpty()
                ? NormStyle.BEFORE
                : NormStyle.ofFamily(family)
                        .orElseThrow(
                                () ->
                                        refusal(
                                                "no price for model_type '"
                                                        + family
                                                        + "'; known: "
                                                        + NormStyle.families()));
    }

    private void requireDense() throws ModelFormatException {
        for (String key : json.keySet()) {
            if (EXPERTS.matcher(key).matches() && optional(key, 1) > 1) {
                throw refusal(
                        optional(key, 1)
                                + " experts ('"
                                + key
                                + "'); only dense decoders are priced");
            }
        }
        for (String key : OTHER_LAYERS) {
            if (present(key)) {
                throw refusal(
                        "'" + key + "': only layers of attention with grouped queries are priced");
            }
        }
    }

    private ModelFormatException refusal(String why) {
        return new ModelFormatException(Code.MALFORMED, file + ": " + why);
    }

    private boolean isWindowed() {
        return !present("use_sliding_window") || json.get("use_sliding_window").getAsBoolean();
    }

    private List<String> layerTypes() {
        return present("layer_types")
                ? json.getAsJsonArray("layer_types").asList().stream()
                        .map(JsonElement::getAsString)
                        .toList()
                : List.of();
    }

    private void requireAttention(int layers, int window) throws ModelFormatException {
        List<String> types = layerTypes();
        if (!types.isEmpty() && types.size() != layers) {
            throw refusal(types.size() + " layer_types for " + layers + " layers");
        }
        for (String type : types) {
            if (!type.equals("full_attention") && !type.equals("sliding_attention")) {
                throw refusal(
                        "a layer of type '"
                                + type
                                + "'; only full_attention and sliding_attention are priced");
            }
        }
        if (window <= 0 && types.contains("sliding_attention")) {
            throw refusal("layers of sliding_attention, but no positive 'sliding_window'");
        }
    }

    /** As {@code layer_types} says, or a pattern, or the family's habit. */
    private int localLayers(int layers) {
        if (!layerTypes().isEmpty()) {
            return (int) layerTypes().stream().filter("sliding_attention"::equals).count();
        }
        boolean alternating = text(json, "model_type").equals("gemma2");
        int pattern = optional("sliding_window_pattern", alternating ? 2 : 0);
        if (pattern > 0) {
            return layers - layers / pattern;
        }
        // Qwen 2 keeps its first layers global
        return layers - Math.clamp(optional("max_window_layers", 0), 0, layers);
    }

    private int required(String key) throws ModelFormatException {
        int value = optional(key, 0);
        if (value <= 0) {
            throw new ModelFormatException(
                    Code.MISSING_CONFIG,
                    file + ": no positive '" + key + "'; a decoder with a gated MLP states it");
        }
        return value;
    }

    private int optional(String key, int fallback) {
        if (!present(key)) {
            return fallback;
        }
        JsonPrimitive value = json.getAsJsonPrimitive(key);
        if (!value.isNumber()) {
            throw new IllegalArgumentException("'" + key + "' is " + value + ", expected a number");
        }
        try {
            return value.getAsBigDecimal().intValueExact();
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException(
                    "'" + key + "' is " + value + ", expected a whole number of 32 bits", e);
        }
    }

    private boolean present(String key) {
        return json.has(key) && !json.get(key).isJsonNull();
    }

    private static String text(JsonObject object, String key) {
        return object.has(key) && object.get(key).isJsonPrimitive()
                ? object.get(key).getAsString()
                : "";
    }
}
