package io.djlnpu.samples.command;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.djlnpu.bundle.DecoderSpec;
import io.djlnpu.bundle.Family;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a model file holds; the JSON of {@code npu inspect}.
 *
 * @param kind {@code onnx}, {@code bundle} or {@code q4nx}
 * @param dialect which writer's form it has, in words
 * @param producer who wrote the file, as far as it says so
 * @param config the model's configuration as a {@code config.json}, or null if it is not known
 * @param bytes size of the file with all its data
 * @param tensors every tensor
 * @param operators how often the graph uses each operator; empty for anything but ONNX
 * @param warnings what was corrected, contradictory or left over
 * @param files the graphs that make up an ONNX model; empty for anything else
 * @param settings where each value of an ONNX model's configuration was found
 * @param problems why an ONNX file cannot be imported; empty if it can
 */
record Inspection(
        String kind,
        String dialect,
        String producer,
        JsonObject config,
        long bytes,
        List<Tensor> tensors,
        Map<String, Integer> operators,
        List<String> warnings,
        List<Graph> files,
        List<Setting> settings,
        List<String> problems) {

    /**
     * One graph of a model.
     *
     * @param file its path
     * @param part decoder, embedding or vision
     * @param reason why this one was chosen
     * @param bytes stored bytes, data files included
     */
    record Graph(String file, String part, String reason, long bytes) {}

    /**
     * A value of the configuration.
     *
     * @param name the key of {@code config.json}
     * @param value the value
     * @param source where it was found
     */
    record Setting(String name, String value, String source) {}

    /**
     * One tensor.
     *
     * @param name its name in the file
     * @param type element type, {@code Q4NX} for 4-bit blocks
     * @param shape extents, outermost first, of what the bytes mean
     * @param bytes stored bytes
     */
    record Tensor(String name, String type, List<Long> shape, long bytes) {}

    static JsonObject json(DecoderSpec config) {
        return JsonParser.parseString(Family.write(config, true)).getAsJsonObject();
    }

    static JsonObject json(Optional<DecoderSpec> config) {
        return config.map(Inspection::json).orElse(null);
    }
}
