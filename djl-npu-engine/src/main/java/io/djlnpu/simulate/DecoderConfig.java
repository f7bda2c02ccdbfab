package io.djlnpu.simulate;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.djlnpu.bundle.Gemma3ConfigJson;
import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Reads the sizes of a decoder from a Hugging Face {@code config.json}, whatever its family: dense,
 * with grouped queries and a gated MLP. A decoder inside a larger model stands under {@code
 * text_config}.
 */
final class DecoderConfig {

    /** Their MLP is several, of which a token takes some: no price of a dense layer fits. */
    private static final List<String> EXPERTS =
            List.of("num_experts", "num_local_experts", "n_routed_experts");

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
            if (text(text, "model_type").startsWith("gemma3")
                    && !text(text, "model_type").startsWith("gemma3n")) {
                return DecoderShape.of(Gemma3ConfigJson.parse(file.toString(), top));
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
        for (String key : EXPERTS) {
            if (optional(key, 1) > 1) {
                throw new ModelFormatException(
                        Code.MALFORMED,
                        file
                                + ": "
                                + optional(key, 1)
                                + " experts ('"
                                + key
                                + "'); only dense decoders are priced");
            }
        }
        int hidden = required("hidden_size");
        int layers = required("num_hidden_layers");
        int heads = required("num_attention_heads");
        int window = optional("sliding_window", 0);
        requireAttention();
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
                NormStyle.ofFamily(text(json, "model_type")),
                Optional.empty());
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

    private void requireAttention() throws ModelFormatException {
        for (String type : layerTypes()) {
            if (!type.equals("full_attention") && !type.equals("sliding_attention")) {
                throw new ModelFormatException(
                        Code.MALFORMED,
                        file
                                + ": a layer of type '"
                                + type
                                + "'; only full_attention and sliding_attention are priced");
            }
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
        return present(key) ? json.get(key).getAsInt() : fallback;
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
