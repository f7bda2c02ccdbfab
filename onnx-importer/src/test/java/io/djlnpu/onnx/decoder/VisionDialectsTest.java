package io.djlnpu.onnx.decoder;

import static io.djlnpu.onnx.decoder.DialectsTest.relativeError;
import static org.assertj.core.api.Assertions.assertThat;

import io.djlnpu.bundle.Family;
import io.djlnpu.bundle.VisionLayout;
import io.djlnpu.onnx.files.GraphFile;
import io.djlnpu.onnx.naming.NamedWeights;
import io.djlnpu.onnx.testing.EditableModel;
import io.djlnpu.onnx.testing.Fixtures;
import io.djlnpu.onnx.testing.FloatWeights;
import io.djlnpu.onnx.testing.VisionGraphs;
import io.djlnpu.onnx.vision.VisionFacts;
import io.djlnpu.onnx.vision.VisionFinder;
import io.djlnpu.onnx.vision.VisionNames;
import io.djlnpu.onnx.vision.VisionStructure;
import io.djlnpu.onnx.weight.WeightExpression;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every exporter's form of one vision tower, against the checkpoint that they were made from. */
class VisionDialectsTest {

    @TempDir Path folder;

    static Stream<String> graphs() {
        return VisionGraphs.all().stream();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("graphs")
    void weightsAreThoseOfTheCheckpoint(String graph) throws IOException {
        try (FloatWeights truth = FloatWeights.of(graph);
                GraphFile file = new GraphFile(Fixtures.fixture(graph))) {
            assertThat(file.part()).isEqualTo(GraphFile.Part.VISION);
            Map<String, WeightExpression> found = weights(file);
            assertThat(found.keySet()).containsExactlyInAnyOrderElementsOf(names());
            for (Map.Entry<String, WeightExpression> weight : found.entrySet()) {
                String name = weight.getKey();
                WeightExpression value = weight.getValue();
                assertThat(relativeError(value.readAll(), truth.vector(name)))
                        .as(name)
                        .isLessThanOrEqualTo(VisionGraphs.tolerance(graph, value.bits()));
            }
        }
    }

    /** Names, the order of nodes and where constants lie: none of them means anything. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("graphs")
    void onlyStructureMatters(String graph) throws IOException {
        Path changed = folder.resolve("changed.onnx");
        EditableModel model = EditableModel.read(Fixtures.fixture(graph));
        Files.write(changed, model.renamed().withConstants().reordered(4).bytes());
        try (GraphFile before = new GraphFile(Fixtures.fixture(graph));
                GraphFile after = new GraphFile(changed)) {
            Map<String, WeightExpression> expected = weights(before);
            Map<String, WeightExpression> found = weights(after);
            assertThat(found.keySet()).isEqualTo(expected.keySet());
            for (String name : expected.keySet()) {
                assertThat(found.get(name).readAll())
                        .as(name)
                        .isEqualTo(expected.get(name).readAll());
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("graphs")
    void theGraphShowsTheSizes(String graph) throws IOException {
        var expected = Family.read(config()).vision().orElseThrow();
        try (GraphFile file = new GraphFile(Fixtures.fixture(graph))) {
            VisionStructure tower = new VisionFinder(file.landmarks()).find();
            VisionFacts facts = VisionFacts.of(tower, graph, null);
            assertThat(facts.heads()).isEqualTo(expected.heads());
            assertThat(facts.imageSize()).isEqualTo(expected.imageSize());
            assertThat(facts.patch()).isEqualTo(expected.patchSize());
            assertThat(facts.tokensPerImage()).isEqualTo(expected.tokensPerImage());
            assertThat(facts.intermediate()).isEqualTo(expected.intermediateSize());
        }
    }

    private static Path config() {
        return Fixtures.fixture(VisionGraphs.CHECKPOINT).resolve("config.json");
    }

    private static List<String> names() throws IOException {
        return VisionLayout.list(Family.read(config())).stream().map(VisionLayout::name).toList();
    }

    private static Map<String, WeightExpression> weights(GraphFile file) throws IOException {
        NamedWeights named = new NamedWeights();
        VisionNames.add(new VisionFinder(file.landmarks()).find(), file.landmarks(), named);
        return named.weights();
    }
}
