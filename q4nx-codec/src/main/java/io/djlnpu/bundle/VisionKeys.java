package io.djlnpu.bundle;

import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The vision tower of a {@code config.json}. */
final class VisionKeys {

    private VisionKeys() {}

    static Optional<VisionSpec> read(ConfigReader top) throws ModelFormatException {
        Optional<ConfigReader> child = top.child("vision_config");
        if (child.isEmpty()) {
            return Optional.empty();
        }
        ConfigReader vision = child.get();
        VisionSpec spec =
                new VisionSpec(
                        vision.count("hidden_size", 1152, ConfigKeys.MAX_WIDTH),
                        vision.count("num_hidden_layers", 27, ConfigKeys.MAX_LAYERS),
                        vision.count("num_attention_heads", 16, ConfigKeys.MAX_HEADS),
                        vision.count("intermediate_size", 4304, ConfigKeys.MAX_WIDTH),
                        vision.count("image_size", 896, 1 << 14),
                        vision.count("patch_size", 14, 1 << 10),
                        vision.epsilon("layer_norm_eps"),
                        top.count("mm_tokens_per_image", 256, 1 << 16),
                        top.token("image_token_index", top.token("image_token_id", 262144)),
                        top.token("boi_token_index", top.token("boi_token_id", 255999)),
                        top.token("eoi_token_index", top.token("eoi_token_id", 256000)));
        Optional<String> contradiction = spec.contradiction();
        if (contradiction.isPresent()) {
            throw vision.error(Code.MALFORMED, contradiction.get());
        }
        return Optional.of(spec);
    }

    static void put(VisionSpec vision, Map<String, Object> json) {
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
