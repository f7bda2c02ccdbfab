package io.djlnpu.it;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.inference.Predictor;
import ai.djl.modality.Input;
import ai.djl.modality.Output;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.modality.cv.VisionLanguageInput;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.djlnpu.engine.TokenStream;
import io.djlnpu.samples.Npu;
import io.djlnpu.samples.predictor.PictureDescription;
import io.djlnpu.samples.predictor.PictureQuestion;
import io.djlnpu.translate.NpuTranslatorFactory;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;

/**
 * The storyteller describes the reference's pictures as transformers does, whichever way they come.
 */
class PicturesIT {

    private static final Logger LOGGER = LoggerFactory.getLogger(PicturesIT.class);

    @TempDir private static Path folder;

    private static Path reference;
    private static Path bundle;
    private static JsonArray images;

    @BeforeAll
    static void convert() throws Exception {
        reference = Fixtures.require("storyteller/reference");
        images = Fixtures.json(reference.resolve("reference.json")).getAsJsonArray("images");
        bundle = folder.resolve("bundle");
        System.setProperty("DJL_CACHE_DIR", folder.toString());
        npu("convert", Fixtures.require("storyteller/onnx/split").toString(), bundle.toString());
    }

    @AfterAll
    static void close() {
        System.clearProperty("DJL_CACHE_DIR");
    }

    private static JsonObject image(int index) {
        return images.get(index).getAsJsonObject();
    }

    private static Path file(int index) {
        return reference.resolve(image(index).get("file").getAsString());
    }

    private static String caption(int index) {
        return image(index).get("caption_text").getAsString();
    }

    private static String npu(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine command = Npu.commandLine();
        command.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        assertThat(command.execute(arguments)).as("%s", err).isZero();
        return out.toString();
    }

    private static <I, O> Criteria<I, O> criteria(
            Class<I> input, Class<O> output, String numerics) {
        return Criteria.builder()
                .setTypes(input, output)
                .optModelPath(bundle)
                .optEngine("NPU")
                .optTranslatorFactory(new NpuTranslatorFactory())
                .optArgument("temperature", 0)
                .optArgument("max_new_tokens", 128)
                .optArgument("imageFiles", true)
                .optOption("numerics", numerics)
                .build();
    }

    /** In float32 all of them; in bf16 as many as the log says, more than half at least. */
    @ParameterizedTest
    @ValueSource(strings = {"float32", "bf16"})
    void captionsAreThoseOfTheReference(String numerics) throws Exception {
        int equal = 0;
        try (ZooModel<Image, String> model =
                        criteria(Image.class, String.class, numerics).loadModel();
                Predictor<Image, String> predictor = model.newPredictor()) {
            for (int i = 0; i < images.size(); i++) {
                String said = predictor.predict(ImageFactory.getInstance().fromFile(file(i)));
                if (numerics.equals("float32")) {
                    assertThat(said).as("picture " + i).isEqualTo(caption(i));
                }
                equal += said.equals(caption(i)) ? 1 : 0;
            }
        }
        LOGGER.info("{}: {} of {} captions as the reference", numerics, equal, images.size());
        assertThat(equal).isGreaterThan(images.size() / 2);
    }

    /** Each picture's own question, streamed. */
    @Test
    void answersAreThoseOfTheReference() throws Exception {
        try (ZooModel<VisionLanguageInput, TokenStream> model =
                        criteria(VisionLanguageInput.class, TokenStream.class, "float32")
                                .loadModel();
                Predictor<VisionLanguageInput, TokenStream> predictor = model.newPredictor()) {
            int equal = 0;
            for (int i = 0; i < images.size(); i++) {
                VisionLanguageInput input =
                        new VisionLanguageInput(
                                ImageFactory.getInstance().fromFile(file(i)),
                                image(i).get("question").getAsString());
                TokenStream answer = predictor.streamingPredict(input).getIterativeOutput();
                List<String> pieces = new ArrayList<>();
                answer.forEachRemaining(pieces::add);
                assertThat(answer.promptTokens()).isEqualTo(image(i).getAsJsonArray("ids").size());
                String expected = image(i).get("continuation_text").getAsString();
                equal += String.join("", pieces).equals(expected) ? 1 : 0;
            }
            LOGGER.info("{} of {} answers as the reference", equal, images.size());
            assertThat(equal).isGreaterThanOrEqualTo(images.size() - 1);
        }
    }

    private static Output send(Predictor<Input, Output> predictor, JsonObject request)
            throws Exception {
        Input input = new Input();
        input.addProperty("Content-Type", "application/json");
        input.add(request.toString());
        return predictor.predict(input);
    }

    private static JsonObject json(String singleQuoted) {
        return JsonParser.parseString(singleQuoted.replace('\'', '"')).getAsJsonObject();
    }

    private static String dataUrl(int index) throws Exception {
        return "data:image/png;base64,"
                + Base64.getEncoder().encodeToString(Files.readAllBytes(file(index)));
    }

    @Test
    void requestsHoldPicturesInEveryForm() throws Exception {
        try (ZooModel<Input, Output> model =
                        criteria(Input.class, Output.class, "float32").loadModel();
                Predictor<Input, Output> predictor = model.newPredictor()) {
            for (String url : List.of(dataUrl(0), file(0).toUri().toString(), file(0).toString())) {
                Output output =
                        send(
                                predictor,
                                json(
                                        "{'messages': [{'role': 'user', 'content': [{'type': 'image_url', 'image_url':"
                                                + " {'url': '"
                                                + url
                                                + "'}}, {'type': 'text', 'text': 'Describe the picture.'}]}]}"));
                assertThat(content(output)).isEqualTo(caption(0));
            }
            JsonObject beside =
                    json("{'text': 'Describe the picture.', 'image_url': '" + dataUrl(1) + "'}");
            assertThat(generated(send(predictor, beside))).isEqualTo(caption(1));

            Input alone = new Input();
            alone.addProperty("Content-Type", "image/png");
            alone.add(Files.readAllBytes(file(2)));
            assertThat(generated(predictor.predict(alone))).isEqualTo(caption(2));

            Input form = new Input();
            form.add("image", Files.readAllBytes(file(3)));
            form.add("text", "Describe the picture.");
            assertThat(generated(predictor.predict(form))).isEqualTo(caption(3));
        }
    }

    /** The second turn looks back at the first turn's picture, and shows one of its own. */
    @Test
    void aConversationHoldsSeveralPictures() throws Exception {
        try (ZooModel<Input, Output> model =
                        criteria(Input.class, Output.class, "float32").loadModel();
                Predictor<Input, Output> predictor = model.newPredictor()) {
            String part = "{'type': 'image_url', 'image_url': {'url': '%s'}}";
            String ask = "{'type': 'text', 'text': 'Describe the picture.'}";
            String first =
                    "{'role': 'user', 'content': [" + part.formatted(dataUrl(0)) + "," + ask + "]}";
            String answer = "{'role': 'assistant', 'content': '" + caption(0) + "'}";
            String second =
                    "{'role': 'user', 'content': [" + part.formatted(dataUrl(4)) + "," + ask + "]}";
            String one = "{'messages': [" + first + "]}";
            String two = "{'messages': [" + first + "," + answer + "," + second + "]}";
            String fresh = content(send(predictor, json(two)));
            assertThat(content(send(predictor, json(one)))).isEqualTo(caption(0));
            assertThat(content(send(predictor, json(two))))
                    .as("with what is kept")
                    .isEqualTo(fresh);
        }
    }

    @Test
    void whatCannotBeSeenIsRefused() throws Exception {
        Path text = folder.resolve("no-picture.png");
        Files.writeString(text, "not a picture at all");
        try (ZooModel<Input, Output> model =
                        criteria(Input.class, Output.class, "bf16").loadModel();
                Predictor<Input, Output> predictor = model.newPredictor()) {
            for (String url :
                    List.of(
                            text.toString(),
                            folder.resolve("missing.png").toString(),
                            "http://127.0.0.1:9/a.png",
                            "data:image/png;base64,AAAA",
                            "data:image/png,AAAA")) {
                Output output = send(predictor, json("{'text': 'What?', 'image': '" + url + "'}"));
                assertThat(output.getCode()).as(url).isEqualTo(400);
            }
            Output output = send(predictor, json("{'inputs': 'What is <start_of_image>?'}"));
            assertThat(output.getCode()).isEqualTo(400);
            assertThat(output.getMessage()).contains("1 times").contains("0 pictures");
        }
    }

    private static String content(Output output) {
        assertThat(output.getCode()).as("%s", output.getMessage()).isEqualTo(200);
        JsonElement choice =
                JsonParser.parseString(output.getData().getAsString())
                        .getAsJsonObject()
                        .getAsJsonArray("choices")
                        .get(0);
        return choice.getAsJsonObject().getAsJsonObject("message").get("content").getAsString();
    }

    private static String generated(Output output) {
        assertThat(output.getCode()).as("%s", output.getMessage()).isEqualTo(200);
        return JsonParser.parseString(output.getData().getAsString())
                .getAsJsonObject()
                .get("generated_text")
                .getAsString();
    }

    @Test
    void theCommandAndTheSamplesSee() throws Exception {
        String said =
                npu(
                        "generate",
                        "--model",
                        bundle.toString(),
                        "--chat",
                        "--prompt",
                        "Describe the picture.",
                        "--image",
                        file(5).toString(),
                        "--temperature",
                        "0",
                        "--max-new-tokens",
                        "64",
                        "--numerics",
                        "float32");
        assertThat(said.strip()).isEqualTo(caption(5));
        assertThat(PictureDescription.describe(bundle, file(0))).isNotBlank();
        StringBuilder answer = new StringBuilder();
        PictureQuestion.ask(bundle, file(0), "How many shapes are there?", answer::append);
        assertThat(answer.toString()).isNotBlank();
    }
}
