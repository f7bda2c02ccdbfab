package io.djlnpu.simulate;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.djlnpu.bundle.Gemma3Config;
import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The sizes that a decoder with grouped queries and a gated MLP is priced by.
 *
 * @param hidden width of the residual stream
 * @param layers decoder layers
 * @param localLayers layers that see only the window
 * @param heads query heads
 * @param kvHeads key and value heads
 * @param headDim width of a head
 * @param intermediate width of the MLP
 * @param vocab rows of the head
 * @param window keys that a local layer sees
 * @param vision the vision tower, for models that see
 */
public record DecoderShape(
        int hidden,
        int layers,
        int localLayers,
        int heads,
        int kvHeads,
        int headDim,
        int intermediate,
        int vocab,
        int window,
        Optional<VisionShape> vision) {

    /**
     * Describes a decoder that sees no images.
     *
     * @param hidden width of the residual stream
     * @param layers decoder layers
     * @param localLayers layers that see only the window
     * @param heads query heads
     * @param kvHeads key and value heads
     * @param headDim width of a head
     * @param intermediate width of the MLP
     * @param vocab rows of the head
     * @param window keys that a local layer sees
     */
    public DecoderShape(
            int hidden,
            int layers,
            int localLayers,
            int heads,
            int kvHeads,
            int headDim,
            int intermediate,
            int vocab,
            int window) {
        this(
                hidden,
                layers,
                localLayers,
                heads,
                kvHeads,
                headDim,
                intermediate,
                vocab,
                window,
                Optional.empty());
    }

    /** Gemma 3 1B. */
    public static final DecoderShape GEMMA3_1B =
            new DecoderShape(1152, 26, 22, 4, 1, 256, 6912, 262144, 512);

    /** Gemma 3 4B. */
    public static final DecoderShape GEMMA3_4B =
            new DecoderShape(
                    2560, 34, 29, 8, 4, 256, 10240, 262208, 1024, Optional.of(VisionShape.SIGLIP));

    /**
     * Takes the sizes of a Gemma 3.
     *
     * @param config its configuration
     * @return the shape
     */
    public static DecoderShape of(Gemma3Config config) {
        int local = (int) config.localLayers().stream().filter(l -> l).count();
        return new DecoderShape(
                config.hiddenSize(),
                config.layers(),
                local,
                config.heads(),
                config.kvHeads(),
                config.headDim(),
                config.intermediateSize(),
                config.vocabSize(),
                config.slidingWindow(),
                config.vision().map(VisionShape::of));
    }

    /**
     * Reads any Hugging Face {@code config.json} of a decoder with grouped queries and a gated MLP.
     *
     * @param file the file
     * @return the shape
     * @throws IOException if it is unreadable or states no such decoder
     */
    public static DecoderShape read(Path file) throws IOException {
        try {
            JsonObject top = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
            JsonObject json = top.has("text_config") ? top.getAsJsonObject("text_config") : top;
            if (json.has("model_type")
                    && json.get("model_type").getAsString().startsWith("gemma3")) {
                return of(io.djlnpu.bundle.Gemma3ConfigJson.parse(file.toString(), top));
            }
            int hidden = required(file, json, "hidden_size");
            int layers = required(file, json, "num_hidden_layers");
            int heads = required(file, json, "num_attention_heads");
            int window = optional(json, "sliding_window", 0);
            boolean windowed =
                    window > 0
                            && (!json.has("use_sliding_window")
                                    || json.get("use_sliding_window").getAsBoolean());
            return new DecoderShape(
                    hidden,
                    layers,
                    windowed ? localLayers(json, layers) : 0,
                    heads,
                    optional(json, "num_key_value_heads", heads),
                    optional(json, "head_dim", hidden / heads),
                    required(file, json, "intermediate_size"),
                    required(file, json, "vocab_size"),
                    windowed ? window : Integer.MAX_VALUE);
        } catch (JsonParseException
                | IllegalStateException
                | NumberFormatException
                | ArithmeticException e) {
            throw new ModelFormatException(
                    Code.MALFORMED, file + ": not a config.json: " + e.getMessage(), e);
        }
    }

    private static int localLayers(JsonObject json, int layers) {
        if (!json.has("layer_types") || !json.get("layer_types").isJsonArray()) {
            return layers;
        }
        int local = 0;
        for (var type : json.getAsJsonArray("layer_types")) {
            local += type.getAsString().equals("sliding_attention") ? 1 : 0;
        }
        return local;
    }

    private static int required(Path file, JsonObject json, String key)
            throws ModelFormatException {
        int value = optional(json, key, 0);
        if (value <= 0) {
            throw new ModelFormatException(
                    Code.MISSING_CONFIG,
                    file + ": no positive '" + key + "'; a decoder with a gated MLP states it");
        }
        return value;
    }

    private static int optional(JsonObject json, String key, int fallback) {
        return json.has(key) && !json.get(key).isJsonNull() ? json.get(key).getAsInt() : fallback;
    }

    /**
     * Returns the outputs of the query projection.
     *
     * @return {@code heads * headDim}
     */
    public int queryWidth() {
        return heads * headDim;
    }

    /**
     * Returns the outputs of query, key and value projection together.
     *
     * @return {@code (heads + 2 * kvHeads) * headDim}
     */
    public int fusedWidth() {
        return (heads + 2 * kvHeads) * headDim;
    }
}
