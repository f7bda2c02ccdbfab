package io.djlnpu.bundle;

import io.djlnpu.bundle.EmbeddingHead.DenseLayer;
import io.djlnpu.bundle.EmbeddingHead.Pooling;
import io.djlnpu.format.ModelFormatException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * How a bundle's {@code config.json} states the way from hidden states to a vector: under {@code
 * sentence_embedding}, what sentence-transformers keeps in {@code modules.json} and a folder a
 * module.
 */
final class EmbeddingKeys {

    private static final String KEY = "sentence_embedding";
    private static final int MAX_LAYERS = 8;

    private EmbeddingKeys() {}

    /** Without the key: the mean over tokens, of length 1, which every model has that says none. */
    static EmbeddingHead read(ConfigReader top, int hidden) throws ModelFormatException {
        Optional<ConfigReader> keys = top.object(KEY);
        if (keys.isEmpty()) {
            return EmbeddingHead.MEAN;
        }
        List<DenseLayer> dense = new ArrayList<>();
        List<ConfigReader> layers = keys.get().objects("dense");
        if (layers.size() > MAX_LAYERS) {
            throw keys.get()
                    .malformed("dense", layers.size() + " layers, expected at most " + MAX_LAYERS);
        }
        int width = hidden;
        for (ConfigReader layer : layers) {
            int inputs = layer.required("in_features", ConfigKeys.MAX_WIDTH);
            int outputs = layer.required("out_features", ConfigKeys.MAX_WIDTH);
            if (inputs != width) {
                throw layer.malformed("in_features", "found " + inputs + ", gets " + width);
            }
            dense.add(new DenseLayer(inputs, outputs));
            width = outputs;
        }
        return new EmbeddingHead(
                pooling(keys.get()),
                dense,
                keys.get().flag("normalize", true),
                keys.get().strings("prompts"));
    }

    private static Pooling pooling(ConfigReader keys) throws ModelFormatException {
        String mode = keys.text("pooling_mode", "mean");
        for (Pooling pooling : Pooling.values()) {
            if (key(pooling).equals(mode)) {
                return pooling;
            }
        }
        throw keys.malformed("pooling_mode", "unknown mode '" + mode + "'");
    }

    private static String key(Pooling pooling) {
        return pooling.name().replace("_TOKEN", "token").toLowerCase(Locale.ROOT);
    }

    static void put(EmbeddingHead head, Map<String, Object> json) {
        Map<String, Object> keys = new LinkedHashMap<>();
        keys.put("pooling_mode", key(head.pooling()));
        List<Map<String, Object>> dense = new ArrayList<>();
        for (DenseLayer layer : head.dense()) {
            Map<String, Object> sizes = new LinkedHashMap<>();
            sizes.put("in_features", layer.inputs());
            sizes.put("out_features", layer.outputs());
            dense.add(sizes);
        }
        keys.put("dense", dense);
        keys.put("normalize", head.normalise());
        keys.put("prompts", head.prompts());
        json.put(KEY, keys);
    }
}
