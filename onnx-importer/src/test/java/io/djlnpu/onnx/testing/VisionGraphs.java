package io.djlnpu.onnx.testing;

import java.util.List;
import java.util.stream.Stream;

/** Every vision tower of the random model among the fixtures: its path below {@code fixtures}. */
public final class VisionGraphs {

    /** The text model's weights that every layout of the same model shares. */
    public static final String CHECKPOINT = "micro/checkpoint";

    private VisionGraphs() {}

    public static List<String> all() {
        return Stream.concat(
                        Stream.of("fp16", "q4", "q4f16", "int8", "uint8", "quantized", "bnb4")
                                .map(form -> "split/onnx/vision_encoder_" + form + ".onnx"),
                        Stream.of("genai-multimodal/gemma-3-vision.onnx"))
                .map(path -> "micro/onnx/" + path)
                .toList();
    }

    /** The relative error of a tensor that the form's own precision explains. */
    public static double tolerance(String graph, int bits) {
        if (bits == 32) {
            return 0;
        }
        return graph.contains("fp16")
                ? 0.0005
                : graph.matches(".*(int8|quantized).*") ? 0.03 : 0.13;
    }
}
