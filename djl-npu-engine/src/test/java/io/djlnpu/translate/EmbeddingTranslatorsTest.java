package io.djlnpu.translate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.huggingface.translator.TextEmbeddingTranslatorFactory;
import ai.djl.inference.Predictor;
import ai.djl.modality.Input;
import ai.djl.modality.Output;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.translate.TranslatorFactory;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.djlnpu.testing.Fixtures;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Base64;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A tiny EmbeddingGemma by all the ways that an application may ask. */
class EmbeddingTranslatorsTest {

    private static final String[] TEXTS = {
        "Once upon a time", "The dog was happy and ran to the garden to play with the ball.", "No"
    };

    @TempDir static Path cache;

    @BeforeAll
    static void setUp() {
        System.setProperty("DJL_CACHE_DIR", cache.toString());
    }

    @AfterAll
    static void tearDown() {
        System.clearProperty("DJL_CACHE_DIR");
    }

    private static <I, O> Criteria.Builder<I, O> criteria(
            Class<I> input, Class<O> output, TranslatorFactory factory) {
        return Criteria.builder()
                .setTypes(input, output)
                .optModelPath(Fixtures.fixture("families/embeddinggemma/optimum-fp32"))
                .optEngine("NPU")
                .optOption("numerics", "float32")
                .optOption("threads", "2")
                .optOption("warmUp", "false")
                .optTranslatorFactory(factory);
    }

    private static float[][] expected() throws Exception {
        try (ZooModel<String[], float[][]> model =
                        criteria(String[].class, float[][].class, new NpuTranslatorFactory())
                                .build()
                                .loadModel();
                Predictor<String[], float[][]> predictor = model.newPredictor()) {
            return predictor.predict(TEXTS);
        }
    }

    @Test
    void oneTextIsEmbeddedAsAmongOthers() throws Exception {
        float[][] vectors = expected();
        try (ZooModel<String, float[]> model =
                        criteria(String.class, float[].class, new NpuTranslatorFactory())
                                .build()
                                .loadModel();
                Predictor<String, float[]> predictor = model.newPredictor()) {
            for (int i = 0; i < TEXTS.length; i++) {
                assertThat(predictor.predict(TEXTS[i])).isEqualTo(vectors[i]);
            }
        }
    }

    /** The fixture's head is the mean alone, as DJL's translator is told. */
    @Test
    void djlsOwnTranslatorPoolsTheSameStates() throws Exception {
        float[][] vectors = expected();
        try (ZooModel<String, float[]> model =
                        criteria(String.class, float[].class, new TextEmbeddingTranslatorFactory())
                                .optArgument("pooling", "mean")
                                .optArgument("normalize", "true")
                                .optArgument("includeTokenTypes", "true")
                                .build()
                                .loadModel();
                Predictor<String, float[]> predictor = model.newPredictor()) {
            for (int i = 0; i < TEXTS.length; i++) {
                assertThat(predictor.predict(TEXTS[i])).containsExactly(vectors[i], within(1e-5f));
            }
        }
    }

    @Test
    void paddingIsNeverSeen() throws Exception {
        try (ZooModel<NDList, NDList> model =
                        criteria(NDList.class, NDList.class, new NpuTranslatorFactory())
                                .build()
                                .loadModel();
                Predictor<NDList, NDList> predictor = model.newPredictor();
                NDManager manager = model.getNDManager().newSubManager()) {
            NDArray ids = manager.create(new long[][] {{2, 17, 30, 0, 0}, {0, 0, 2, 17, 30}});
            NDArray mask = manager.create(new long[][] {{1, 1, 1, 0, 0}, {0, 0, 1, 1, 1}});
            NDList padded = predictor.predict(new NDList(ids, mask));
            NDList alone =
                    predictor.predict(new NDList(manager.create(new long[][] {{2, 17, 30}})));
            NDArray states = padded.get("last_hidden_state");
            float[] bare = alone.get("last_hidden_state").toFloatArray();
            assertThat(states.get("0, :3").toFloatArray()).isEqualTo(bare);
            assertThat(states.get("1, 2:").toFloatArray()).isEqualTo(bare);
            assertThat(states.get("0, 3:").sum().getFloat()).isZero();
            NDArray vectors = padded.get("sentence_embedding");
            assertThat(vectors.get(0)).isEqualTo(vectors.get(1));
        }
    }

    @Test
    void answersInOpenAisForm() throws Exception {
        float[][] vectors = expected();
        try (ZooModel<Input, Output> model =
                        criteria(Input.class, Output.class, new NpuTranslatorFactory())
                                .build()
                                .loadModel();
                Predictor<Input, Output> predictor = model.newPredictor()) {
            JsonObject list =
                    ask(predictor, "{\"input\":[\"" + TEXTS[0] + "\",\"" + TEXTS[2] + "\"]}");
            assertThat(list.getAsJsonArray("data")).hasSize(2);
            JsonObject second = list.getAsJsonArray("data").get(1).getAsJsonObject();
            assertThat(second.get("index").getAsInt()).isEqualTo(1);
            assertThat(second.getAsJsonArray("embedding").get(3).getAsFloat())
                    .isEqualTo(vectors[2][3]);
            int tokens = list.getAsJsonObject("usage").get("prompt_tokens").getAsInt();
            assertThat(tokens).isGreaterThan(4);
            JsonObject packed =
                    ask(
                            predictor,
                            "{\"input\":\"%s\",\"encoding_format\":\"base64\",\"dimensions\":32}"
                                    .formatted(TEXTS[0]));
            byte[] bytes =
                    Base64.getDecoder()
                            .decode(
                                    packed.getAsJsonArray("data")
                                            .get(0)
                                            .getAsJsonObject()
                                            .get("embedding")
                                            .getAsString());
            assertThat(bytes).hasSize(4 * 32);
            float first = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getFloat();
            assertThat(first / vectors[0][0]).isGreaterThan(1);
            JsonObject ids = ask(predictor, "{\"input\":[[2,17],[2,30,31]]}");
            assertThat(ids.getAsJsonObject("usage").get("total_tokens").getAsInt()).isEqualTo(5);
            for (String wrong :
                    new String[] {
                        "{\"input\":[]}",
                        "{\"input\":{}}",
                        "{\"input\":\"a\",\"dimensions\":0}",
                        "{\"input\":\"a\",\"dimensions\":129}",
                        "{\"input\":\"a\",\"encoding_format\":\"hex\"}",
                        "{\"input\":\"a\",\"prompt_kind\":\"poem\"}",
                        "{\"input\":[2,1e99]}",
                        "{\"input\":[2,4096]}"
                    }) {
                Input input = new Input();
                input.add(wrong);
                assertThat(predictor.predict(input).getCode()).as(wrong).isEqualTo(400);
            }
        }
    }

    private static JsonObject ask(Predictor<Input, Output> predictor, String json)
            throws Exception {
        Input input = new Input();
        input.add(json);
        Output output = predictor.predict(input);
        assertThat(output.getCode()).as(json).isEqualTo(200);
        return JsonParser.parseString(output.getAsString(0)).getAsJsonObject();
    }

    @Test
    void refusesToWriteText() {
        assertThatThrownBy(
                        () -> {
                            try (ZooModel<String, String> model =
                                            criteria(
                                                            String.class,
                                                            String.class,
                                                            new NpuTranslatorFactory())
                                                    .build()
                                                    .loadModel();
                                    Predictor<String, String> predictor = model.newPredictor()) {
                                predictor.predict("x");
                            }
                        })
                .hasStackTraceContaining("turns texts into embeddings and writes none");
    }
}
