package io.djlnpu.decoder;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import io.djlnpu.bundle.BundleOptions;
import io.djlnpu.bundle.BundleWriter;
import io.djlnpu.bundle.DecoderSpec;
import io.djlnpu.bundle.Family;
import io.djlnpu.bundle.LayerTensor;
import io.djlnpu.bundle.ModelBundle;
import io.djlnpu.bundle.TensorLayout;
import io.djlnpu.kernel.FloatWeights;
import io.djlnpu.kernel.Projection;
import io.djlnpu.onnx.decoder.OnnxDecoder;
import io.djlnpu.safetensors.SafetensorsFile;
import io.djlnpu.testing.Fixtures;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A tiny EmbeddingGemma against transformers, and against itself in other company. */
class TextEmbedderTest {

    private static final String SOURCE = "families/embeddinggemma/optimum-fp32";

    @TempDir private Path folder;

    private ModelBundle bundle;
    private final Arena arena = Arena.ofShared();

    @BeforeEach
    void convert() throws IOException {
        Path target = folder.resolve("bundle");
        try (OnnxDecoder source = OnnxDecoder.open(Fixtures.fixture(SOURCE))) {
            BundleWriter.write(source, target, BundleOptions.defaults());
        }
        bundle = ModelBundle.open(target);
    }

    @AfterEach
    void close() {
        bundle.close();
        arena.close();
    }

    private static DecoderOptions exact() {
        return DecoderOptions.defaults().withThreads(2).withNumerics(Numerics.FLOAT32);
    }

    private static List<int[]> prompts() throws IOException {
        Path file = Fixtures.fixture("families/reference.json");
        JsonArray prompts =
                JsonParser.parseString(Files.readString(file))
                        .getAsJsonObject()
                        .getAsJsonArray("prompts");
        List<int[]> ids = new ArrayList<>();
        for (JsonElement prompt : prompts) {
            ids.add(
                    prompt.getAsJsonArray().asList().stream()
                            .mapToInt(JsonElement::getAsInt)
                            .toArray());
        }
        return ids;
    }

    /** The weights of the source as they are, neither in four bits nor in bf16. */
    private EncoderWeights unquantized(OnnxDecoder source) throws IOException {
        DecoderSpec spec = source.config();
        Family family = Family.named(spec.family());
        int hidden = spec.hiddenSize();
        List<LayerWeights> layers = new ArrayList<>();
        for (int i = 0; i < spec.layers(); i++) {
            Map<LayerTensor, Projection> matrices = new EnumMap<>(LayerTensor.class);
            Map<LayerTensor, MemorySegment> norms = new EnumMap<>(LayerTensor.class);
            for (LayerTensor tensor : LayerTensor.of(spec.style())) {
                String name = tensor.name(family, i);
                float[] values = source.vector(name);
                if (tensor.isMatrix()) {
                    matrices.put(
                            tensor,
                            new FloatWeights(
                                    name, tensor.rows(spec), tensor.columns(spec), values));
                } else {
                    norms.put(tensor, LayerWeights.norm(values, arena));
                }
            }
            layers.add(new LayerWeights(matrices, norms));
        }
        float[] table = source.vector(TensorLayout.EMBEDDING);
        float scale = (float) Math.sqrt(hidden);
        return new EncoderWeights(
                (id, target, index) -> {
                    for (int i = 0; i < hidden; i++) {
                        target.setAtIndex(JAVA_FLOAT, index + i, table[id * hidden + i] * scale);
                    }
                },
                layers,
                LayerWeights.norm(source.vector(TensorLayout.FINAL_NORM), arena),
                List.of());
    }

    @Test
    void hiddenStatesOfUnquantizedWeightsEqualTransformers() throws IOException {
        Path reference = Fixtures.fixture("families/reference.safetensors");
        try (OnnxDecoder source = OnnxDecoder.open(Fixtures.fixture(SOURCE));
                SafetensorsFile expected = SafetensorsFile.open(reference);
                DecoderModel model = DecoderModel.load(bundle, exact());
                TextEmbedder embedder = new TextEmbedder(model, unquantized(source))) {
            List<int[]> prompts = prompts();
            for (int i = 0; i < prompts.size(); i++) {
                float[] theirs =
                        expected.segment("embeddinggemma." + i)
                                .toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
                float[] ours = embedder.hiddenStates(prompts.get(i));
                assertThat(ours).hasSameSizeAs(theirs);
                double worst = 0;
                for (int k = 0; k < ours.length; k++) {
                    worst = Math.max(worst, Math.abs(ours[k] - theirs[k]));
                }
                assertThat(worst).as("%d tokens", prompts.get(i).length).isLessThan(2e-4);
            }
        }
    }

    /** Side by side, alone, and in a model that takes longer texts in one go: the same bits. */
    @Test
    void companyChangesNothing() throws IOException {
        List<int[]> texts = new ArrayList<>(prompts());
        texts.addAll(prompts());
        texts.add(new int[] {5});
        try (DecoderModel model = DecoderModel.load(bundle, exact());
                DecoderModel small = DecoderModel.load(bundle, exact().withPrefillChunk(40));
                TextEmbedder together = model.newEmbedder();
                TextEmbedder apart = small.newEmbedder()) {
            List<float[]> vectors = together.embed(texts);
            for (int i = 0; i < texts.size(); i++) {
                assertThat(apart.embed(List.of(texts.get(i))).getFirst()).isEqualTo(vectors.get(i));
            }
            assertThat(apart.embed(texts)).usingRecursiveComparison().isEqualTo(vectors);
            assertThat(vectors.get(0)).isNotEqualTo(vectors.get(1));
        }
    }

    @Test
    void vectorsHaveLengthOneAlsoWhenShortened() throws IOException {
        try (DecoderModel model = DecoderModel.load(bundle, DecoderOptions.defaults());
                TextEmbedder embedder = model.newEmbedder()) {
            float[] vector = embedder.embed(prompts()).get(1);
            assertThat(vector).hasSize(embedder.width());
            assertThat(length(vector)).isCloseTo(1, within(1e-6));
            float[] shortened = TextEmbedder.shortened(vector, 32);
            assertThat(length(shortened)).isCloseTo(1, within(1e-6));
            assertThat(shortened[3] / shortened[7]).isCloseTo(vector[3] / vector[7], within(1e-4f));
        }
    }

    private static double length(float[] vector) {
        double squares = 0;
        for (float value : vector) {
            squares += value * value;
        }
        return Math.sqrt(squares);
    }

    @Test
    void refusesWhatItCannotEmbed() throws IOException {
        try (DecoderModel model = DecoderModel.load(bundle, exact().withMaxContext(50));
                TextEmbedder embedder = model.newEmbedder()) {
            assertThatThrownBy(() -> embedder.embed(List.of(new int[51])))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("51 tokens, the limit is 50");
            assertThatThrownBy(() -> embedder.embed(List.of(new int[0])))
                    .hasMessageContaining("an empty text");
            assertThatThrownBy(() -> embedder.embed(List.of(new int[] {2048})))
                    .hasMessageContaining("token 2048, expected 0 to 2047");
            assertThatThrownBy(model::newSession)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("EmbeddingGemma turns texts into embeddings");
        }
    }

    @Test
    void refusesToEmbedWithADecoder() throws IOException {
        Path target = folder.resolve("decoder");
        BundleWriter.write(SyntheticModel.of(4, 2), target, BundleOptions.defaults());
        try (ModelBundle decoder = ModelBundle.open(target);
                DecoderModel model = DecoderModel.load(decoder, exact())) {
            assertThatThrownBy(model::newEmbedder)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("Gemma 3 writes text and makes no embeddings");
        }
    }
}
