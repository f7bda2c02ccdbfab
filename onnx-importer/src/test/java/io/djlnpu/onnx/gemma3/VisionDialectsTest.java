package io.djlnpu.onnx.gemma3;

import static io.djlnpu.onnx.gemma3.DialectsTest.relativeError;
import static org.assertj.core.api.Assertions.assertThat;

import io.djlnpu.onnx.testing.Fixtures;
import io.djlnpu.onnx.weight.WeightExpression;
import io.djlnpu.safetensors.SafetensorsFile;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every exporter's form of one vision tower, against the checkpoint that they were made from. */
class VisionDialectsTest {

    /** The tolerance is the relative error of a tensor, as in {@link DialectsTest}. */
    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "split/onnx/vision_encoder_fp16.onnx, 0.0005",
        "split/onnx/vision_encoder_q4.onnx, 0.13",
        "split/onnx/vision_encoder_q4f16.onnx, 0.13",
        "split/onnx/vision_encoder_int8.onnx, 0.03",
        "split/onnx/vision_encoder_uint8.onnx, 0.03",
        "split/onnx/vision_encoder_quantized.onnx, 0.03",
        "split/onnx/vision_encoder_bnb4.onnx, 0.13",
        "genai-multimodal/gemma-3-vision.onnx, 0.13"
    })
    void weightsAreThoseOfTheCheckpoint(String dialect, double tolerance) throws IOException {
        Path checkpoint = Fixtures.fixture("micro/checkpoint/model.safetensors");
        try (SafetensorsFile expected = SafetensorsFile.open(checkpoint);
                GraphFile graph = new GraphFile(Fixtures.fixture("micro/onnx").resolve(dialect))) {
            assertThat(graph.part()).isEqualTo(GraphFile.Part.VISION);
            VisionStructure tower = new VisionFinder(graph.landmarks()).find();
            NamedWeights named = new NamedWeights();
            VisionNames.add(tower, graph.landmarks(), named);
            Set<String> names = new TreeSet<>(expected.tensors().keySet());
            names.removeIf(name -> name.startsWith("language_model."));
            assertThat(named.weights().keySet()).containsExactlyInAnyOrderElementsOf(names);
            for (Map.Entry<String, WeightExpression> weight : named.weights().entrySet()) {
                float[] truth = truth(expected, weight.getKey());
                float[] found = weight.getValue().readAll();
                assertThat(relativeError(found, truth))
                        .as(weight.getKey())
                        .isLessThanOrEqualTo(weight.getValue().bits() == 32 ? 0 : tolerance);
            }
        }
    }

    private static float[] truth(SafetensorsFile checkpoint, String name) throws IOException {
        float[] values = checkpoint.segment(name).toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
        for (int i = 0; i < values.length && name.endsWith("mm_soft_emb_norm.weight"); i++) {
            values[i] += 1;
        }
        return values;
    }
}
