package io.djlnpu.translate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.inference.Predictor;
import ai.djl.modality.Input;
import ai.djl.modality.Output;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import com.google.gson.JsonParser;
import io.djlnpu.bundle.ModelBundle;
import io.djlnpu.convert.BundleCache;
import io.djlnpu.engine.FolderSettings;
import io.djlnpu.engine.NpuModel;
import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import io.djlnpu.testing.Fixtures;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bundles that a stranger made or that were damaged, each a copy of a sound one. */
class HostileModelsTest {

    private static final String REQUEST = "{\"inputs\":\"Once upon a time\",\"max_tokens\":%d}";

    @TempDir private static Path shared;
    @TempDir private Path folder;

    private static Path sound;
    private Path bundle;

    @BeforeAll
    static void convert() throws IOException {
        Path source = Fixtures.fixture("storyteller/onnx/genai-int4");
        try (ModelBundle made = new BundleCache(shared).open(source, (tensor, done, total) -> {})) {
            sound = made.folder();
        }
    }

    @BeforeEach
    void copy() throws IOException {
        bundle = Files.createDirectory(folder.resolve("bundle"));
        try (Stream<Path> files = Files.list(sound)) {
            for (Path file : files.toList()) {
                Files.copy(file, bundle.resolve(file.getFileName().toString()));
            }
        }
    }

    private ZooModel<Input, Output> load(Map<String, String> options) throws Exception {
        Criteria.Builder<Input, Output> criteria =
                Criteria.builder()
                        .setTypes(Input.class, Output.class)
                        .optModelPath(bundle)
                        .optEngine("NPU")
                        .optTranslatorFactory(new NpuTranslatorFactory())
                        .optOption("warmUp", "false");
        options.forEach(criteria::optOption);
        return criteria.build().loadModel();
    }

    private static Output ask(ZooModel<Input, Output> model, String json) throws Exception {
        try (Predictor<Input, Output> predictor = model.newPredictor()) {
            Input input = new Input();
            input.addProperty("Content-Type", "application/json");
            input.add(json);
            return predictor.predict(input);
        }
    }

    private static String text(Output output) {
        return JsonParser.parseString(output.getData().getAsString())
                .getAsJsonObject()
                .get("generated_text")
                .getAsString();
    }

    private void serving(String... lines) throws IOException {
        Files.write(bundle.resolve("serving.properties"), Stream.of(lines).toList());
    }

    @Test
    void aModelSaysHowItIsSampledAndNothingMore() throws Exception {
        Path victim = Files.writeString(folder.resolve("victim.txt"), "x");
        Path picture = folder.resolve("a.png");
        serving(
                "option.promptCacheFile=" + victim,
                "promptCacheFile=" + victim,
                "option.threads=9637",
                "threads=9637",
                "option.maxContext=77",
                "fetchImages=true",
                "imageFiles=true",
                "maxPictures=1000",
                "max_new_tokens=3");
        try (ZooModel<Input, Output> model = load(Map.of())) {
            assertThat(NpuModel.runtime(model.getWrappedModel()).model().options().threads())
                    .isEqualTo(Runtime.getRuntime().availableProcessors());
            assertThat(NpuModel.runtime(model.getWrappedModel()).model().options().maxContext())
                    .isZero();
            Output said = ask(model, "{\"inputs\":\"Once\",\"details\":true}");
            assertThat(said.getData().getAsString()).contains("\"generated_tokens\":3");
            for (String url : new String[] {"http://127.0.0.1:9/a.png", picture.toUri() + ""}) {
                Output refused = ask(model, "{\"inputs\":\"?\",\"image\":\"%s\"}".formatted(url));
                assertThat(refused.getCode()).isEqualTo(400);
                assertThat(refused.getMessage()).contains("unless the argument");
            }
        }
        assertThat(victim).hasContent("x");
    }

    @Test
    void anOperatorMayTrustTheFolder() throws Exception {
        serving("option.threads=3");
        System.setProperty(FolderSettings.TRUST, "true");
        try (ZooModel<Input, Output> model = load(Map.of())) {
            assertThat(NpuModel.runtime(model.getWrappedModel()).model().options().threads())
                    .isEqualTo(3);
        } finally {
            System.clearProperty(FolderSettings.TRUST);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"threads=1025", "threads=0", "threads=4294967298", "prefillChunk=1e9"})
    void numbersOfOptionsHaveBounds(String option) {
        String[] parts = option.split("=");
        assertThatThrownBy(() -> load(Map.of(parts[0], parts[1])))
                .hasStackTraceContaining("option " + parts[0] + " " + parts[1] + ", expected");
    }

    @ParameterizedTest
    @ValueSource(strings = {"some notes\n", "PK\3\4", "{\"about\":{\"dtype\":\"U8\""})
    void keptPromptsReplaceTheirOwnFileOnly(String content) throws Exception {
        Path notes = Files.writeString(folder.resolve("notes.txt"), content);
        Path link = Files.createSymbolicLink(folder.resolve("link"), notes);
        Path own = folder.resolve("own");
        for (Path file : new Path[] {notes, link, own, own}) {
            try (ZooModel<Input, Output> model = load(Map.of("promptCacheFile", file + ""))) {
                assertThat(ask(model, REQUEST.formatted(4)).getCode()).isEqualTo(200);
            }
        }
        assertThat(notes).hasContent(content.stripTrailing());
        assertThat(link).isSymbolicLink();
        assertThat(Files.size(own)).isGreaterThan(1000);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(own)))
                .isEqualTo("rw-------");
    }

    /** Writes bf16 values over the first scales of a matrix, or over a plain tensor. */
    private void overwrite(String tensor, int count, int bits) throws IOException {
        try (FileChannel file =
                FileChannel.open(
                        bundle.resolve(ModelBundle.WEIGHTS_FILE),
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE)) {
            ByteBuffer length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
            file.read(length, 0);
            ByteBuffer header = ByteBuffer.allocate((int) length.getLong(0));
            file.read(header, 8);
            String json = new String(header.array(), StandardCharsets.UTF_8);
            long start =
                    JsonParser.parseString(json)
                            .getAsJsonObject()
                            .getAsJsonObject(tensor)
                            .getAsJsonArray("data_offsets")
                            .get(0)
                            .getAsLong();
            ByteBuffer values = ByteBuffer.allocate(2 * count).order(ByteOrder.LITTLE_ENDIAN);
            for (int i = 0; i < count; i++) {
                values.putShort(2 * i, (short) bits);
            }
            file.write(values, 8 + header.capacity() + start);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "model.layers.0.mlp.down_proj.weight 7f80 down_proj",
                "model.layers.1.self_attn.o_proj.weight 7fc0 o_proj",
                "model.layers.0.mlp.gate_proj.weight ff80 gate_proj",
                "lm_head.weight 7fc0 lm_head",
                "model.norm.weight 7fc0 lm_head",
                "model.layers.1.input_layernorm.weight 7fc0 layers.1.self_attn.q_proj"
            })
    void weightsThatAreNoNumbersAreNamed(String fault) throws Exception {
        String[] parts = fault.split(" ");
        overwrite(parts[0], 32, Integer.parseInt(parts[1], 16));
        for (String sampling : new String[] {"", ",\"temperature\":1", ",\"logprobs\":2"}) {
            String request = REQUEST.formatted(8).replace("}", sampling + "}");
            try (ZooModel<Input, Output> model = load(Map.of())) {
                assertThatThrownBy(() -> ask(model, request))
                        .hasStackTraceContaining("NOT_FINITE")
                        .hasStackTraceContaining(parts[2]);
            }
        }
    }

    @Test
    void aBundleThatIsCutWhileItIsMapped() throws Exception {
        try (ZooModel<Input, Output> model = load(Map.of("weights", "mapped"))) {
            assertThat(ask(model, REQUEST.formatted(2)).getCode()).isEqualTo(200);
            Path weights = bundle.resolve(ModelBundle.WEIGHTS_FILE);
            try (FileChannel file = FileChannel.open(weights, StandardOpenOption.WRITE)) {
                file.truncate(5000);
            }
            assertThatThrownBy(() -> ask(model, REQUEST.formatted(2)))
                    .hasStackTraceContaining("a file was cut")
                    .satisfies(e -> assertThat(codeOf(e)).isEqualTo(Code.TRUNCATED));
        }
    }

    private static Code codeOf(Throwable failure) {
        for (Throwable e = failure; e != null; e = e.getCause()) {
            if (e instanceof ModelFormatException known) {
                return known.code();
            }
        }
        return null;
    }

    @Test
    void anInterruptIsHeard() throws Exception {
        try (ZooModel<Input, Output> model = load(Map.of())) {
            String whole = text(ask(model, REQUEST.formatted(8)));
            String longer = "{\"inputs\":\"" + "a b ".repeat(100) + "\",\"max_tokens\":8}";
            for (String request : new String[] {REQUEST.formatted(8), longer}) {
                Thread.currentThread().interrupt();
                try {
                    assertThatThrownBy(() -> ask(model, request))
                            .hasRootCauseInstanceOf(CancellationException.class);
                } finally {
                    assertThat(Thread.interrupted()).isTrue();
                }
            }
            assertThat(text(ask(model, REQUEST.formatted(8)))).isEqualTo(whole);
        }
    }

    @Test
    void aPromptThatCannotFitIsRefusedBeforeItIsTokenized() throws Exception {
        try (ZooModel<Input, Output> model = load(Map.of())) {
            String prompt = "a ".repeat(2_000_000);
            Output output = ask(model, "{\"inputs\":\"" + prompt + "\"}");
            assertThat(output.getCode()).isEqualTo(400);
            assertThat(output.getMessage()).contains("a prompt of 4000000 characters");
        }
    }

    @Test
    void aTokenizerThatWouldAbortTheProcess() throws Exception {
        Path file = bundle.resolve("tokenizer.json");
        Files.writeString(
                file,
                Files.readString(file)
                        .replaceFirst(
                                "\"continuing_subword_prefix\":\\s*null",
                                "\"continuing_subword_prefix\":\"##\""));
        assertThatThrownBy(() -> load(Map.of()))
                .hasStackTraceContaining("continuing_subword_prefix");
    }

    @Test
    void aCacheOfSomebodyElseIsNotUsed() throws Exception {
        assumeTrue(System.getProperty("user.name").equals("root"), "skipped: only root gives away");
        Path source = Fixtures.fixture("storyteller/onnx/genai-int4");
        Path root = folder.resolve("cache");
        BundleCache cache = new BundleCache(root);
        Path kept;
        try (ModelBundle made = cache.open(source, (tensor, done, total) -> {})) {
            kept = made.folder();
        }
        Files.setOwner(
                kept.resolve("chat_template.jinja"),
                root.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("1234"));
        String temporary = System.getProperty("java.io.tmpdir");
        System.setProperty("java.io.tmpdir", folder.toString());
        try (ModelBundle made = cache.open(source, (tensor, done, total) -> {})) {
            assertThat(made.folder().startsWith(root)).isFalse();
            assertThat(made.folder().startsWith(folder)).isTrue();
        } finally {
            System.setProperty("java.io.tmpdir", temporary);
        }
    }
}
