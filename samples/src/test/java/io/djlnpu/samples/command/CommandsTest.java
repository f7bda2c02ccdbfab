package io.djlnpu.samples.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.djlnpu.safetensors.SafetensorsFile;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every command on the shipped model: keys, exit codes, and nothing but the result on stdout. */
class CommandsTest {

    private static final String IDS = "2,607,788,363,599,277,452,385";

    @TempDir static Path shared;
    @TempDir Path folder;

    private static Path source;
    private static Path bundle;
    private static JsonObject converted;

    @BeforeAll
    static void convert() throws URISyntaxException {
        source = Path.of(CommandsTest.class.getResource("/storyteller/model.onnx").toURI());
        bundle = shared.resolve("bundle");
        converted = json(Run.of("convert", source, bundle, "--json"));
    }

    @Test
    void convertReports() {
        assertThat(converted.keySet())
                .contains(
                        "bundle",
                        "dialect",
                        "config",
                        "seconds",
                        "bytesRead",
                        "bytesWritten",
                        "tensors");
        assertThat(converted.getAsJsonArray("tensors").get(0).getAsJsonObject().keySet())
                .contains("name", "source", "carried", "rmse", "maxError");
        assertThat(converted.get("bytesWritten").getAsLong()).isPositive();
        assertThat(converted.get("dialect").getAsString()).isNotBlank();
    }

    @Test
    void convertRefusesToOverwrite() throws IOException {
        Path taken = Files.createDirectory(folder.resolve("taken"));
        Files.writeString(taken.resolve("mine.txt"), "mine");
        Run run = Run.of("convert", source, taken);
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).contains(taken.toString()).doesNotContain("\tat ");
        assertThat(taken.resolve("mine.txt")).exists();
    }

    @Test
    void convertByForceReplacesABundleAndNothingElse() throws IOException, URISyntaxException {
        Path taken = Files.createDirectory(folder.resolve("taken"));
        Files.writeString(taken.resolve("mine.txt"), "mine");
        for (Path target : List.of(taken, source.getParent())) {
            Run run = Run.of("convert", source, target, "--force");
            assertThat(run.code()).isEqualTo(1);
            assertThat(run.err()).contains(target.toString(), "no bundle");
        }
        assertThat(taken.resolve("mine.txt")).hasContent("mine");
        assertThat(source).exists();
        Path ours = copy(bundle);
        Files.delete(ours.resolve("tokenizer.json"));
        assertThat(Run.of("convert", source, ours, "--force").code()).isZero();
        assertThat(ours.resolve("tokenizer.json")).exists();
    }

    @Test
    void inspectTellsTheKinds() {
        JsonObject onnx = json(Run.of("inspect", source, "--json"));
        assertThat(onnx.get("kind").getAsString()).isEqualTo("onnx");
        assertThat(onnx.getAsJsonObject("operators").keySet()).contains("MatMulNBits");
        JsonObject folderOfOurs = json(Run.of("inspect", bundle, "--json"));
        assertThat(folderOfOurs.get("kind").getAsString()).isEqualTo("bundle");
        assertThat(folderOfOurs.getAsJsonObject("config").get("hidden_size").getAsInt())
                .isEqualTo(onnx.getAsJsonObject("config").get("hidden_size").getAsInt());
        JsonObject file = json(Run.of("inspect", bundle.resolve("model.q4nx"), "--json"));
        assertThat(file.get("kind").getAsString()).isEqualTo("q4nx");
        assertThat(file.getAsJsonArray("tensors")).isNotEmpty();
        assertThat(folderOfOurs.getAsJsonArray("tensors"))
                .as("shapes in the folder and in the file")
                .containsAll(file.getAsJsonArray("tensors"));
    }

    @Test
    void perplexityTakesNoLongerWindowThanTheModelHolds() throws IOException {
        Path text = Files.writeString(folder.resolve("text.txt"), "The cat ran. ");
        Run run = Run.of("perplexity", "--model", bundle, "--file", text, "--context", 5000);
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("--context 5000, expected at most 2048");
        Path out = folder.resolve("importance");
        Run clamped = Run.of("calibrate", bundle, "--text", text, "-o", out, "--context", 5000);
        assertThat(clamped.code()).isZero();
        assertThat(clamped.err()).contains("--context 5000 is more than the model holds: 2048");
    }

    @Test
    void simulateWritesASweepAsItIsAskedFor() {
        Run sweep =
                Run.of(
                        "simulate",
                        "--model",
                        bundle,
                        "--sweep",
                        "ddr=40..120/2GB/s",
                        "--sweep",
                        "l1=64KiB",
                        "--sweep",
                        "clock=1.8GHz");
        assertThat(sweep.out()).contains("ddr=120GB/s, l1=64KiB, clock=1.8GHz");
    }

    @Test
    void simulateSaysWhatAnImageIsPricedWith() {
        Run image = Run.of("simulate", "--model", source.getParent(), "--phase", "image");
        assertThat(image.out())
                .contains("image with a short text")
                .contains("over the prompt of 36");
        assertThat(Run.of("simulate", "--help").out()).contains("20 tokens of text");
    }

    @Test
    void inspectSaysWhereTheConfigurationCameFrom() {
        JsonObject onnx = json(Run.of("inspect", source, "--json"));
        assertThat(onnx.get("dialect").getAsString()).contains("MatMulNBits 4 bits");
        assertThat(onnx.getAsJsonArray("problems")).isEmpty();
        assertThat(onnx.getAsJsonArray("files")).isNotEmpty();
        assertThat(onnx.getAsJsonArray("settings").toString())
                .contains("\"name\":\"hidden_size\"")
                .contains("\"source\":\"graph\"");
        assertThat(Run.of("inspect", source).out()).contains("can be imported");
    }

    @Test
    void inspectSaysWhyAFileCannotBeImported() throws IOException {
        Path empty = Files.write(folder.resolve("empty.onnx"), new byte[] {0x3A, 0});
        JsonObject found = json(Run.of("inspect", empty, "--json"));
        assertThat(found.getAsJsonArray("problems").toString()).contains("empty.onnx");
        assertThat(Run.of("inspect", empty).out()).contains("cannot be imported:");
    }

    @Test
    void convertTakesAConfigurationFromElsewhere() throws IOException {
        Path other = Files.writeString(folder.resolve("other.json"), "{\"hidden_size\":64}");
        Path target = folder.resolve("other");
        Run run = Run.of("convert", source, target, "--config", other);
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err()).contains("hidden_size 64");
        assertThat(target).doesNotExist();
    }

    @Test
    void verifyFindsAGoodBundleGoodAndADamagedOneBad() throws IOException {
        JsonObject good = json(Run.of("verify", bundle, "--against", source, "--json"));
        assertThat(good.get("valid").getAsBoolean()).isTrue();
        assertThat(good.getAsJsonArray("problems")).isEmpty();
        assertThat(good.getAsJsonArray("tensors")).isNotEmpty();
        assertThat(good.get("kl").getAsDouble()).isNotNegative();
        assertThat(good.get("top1").getAsDouble()).isBetween(0.0, 1.0);

        Path damaged = copy(bundle);
        byte[] weights = Files.readAllBytes(damaged.resolve("model.q4nx"));
        weights[weights.length / 2] ^= 1;
        Files.write(damaged.resolve("model.q4nx"), weights);
        Run run = Run.of("verify", damaged, "--json");
        assertThat(run.code()).isEqualTo(1);
        JsonObject bad = JsonParser.parseString(run.out()).getAsJsonObject();
        assertThat(bad.get("valid").getAsBoolean()).isFalse();
        assertThat(bad.getAsJsonArray("problems")).isNotEmpty();
    }

    @Test
    void generateIsTheSameFromBundleAndFromOnnx() {
        JsonObject ours = generate("--model", bundle, "--ids", IDS);
        assertThat(ours.keySet())
                .contains(
                        "promptIds",
                        "ids",
                        "text",
                        "finishReason",
                        "prefillSeconds",
                        "decodeSeconds",
                        "timeToFirstTokenSeconds");
        assertThat(ours.getAsJsonArray("promptIds")).hasSize(8);
        assertThat(ours.get("finishReason").getAsString()).isIn("length", "stop");
        assertThat(generate("--model", source, "--ids", IDS).get("ids")).isEqualTo(ours.get("ids"));
    }

    @Test
    void generateStreamsWhatTheObjectHolds() {
        Run run = Run.of("generate", "--model", bundle, "--ids", IDS, "--max-new-tokens", 8);
        assertThat(run.code()).isZero();
        assertThat(run.out())
                .isEqualTo(
                        generate("--model", bundle, "--ids", IDS).get("text").getAsString()
                                + System.lineSeparator());
    }

    @Test
    void chatTurnsBeginWithOneBos() {
        JsonObject answer =
                generate("--model", bundle, "--chat", "--system", "Be brief.", "--prompt", "Hi");
        List<Integer> ids =
                answer.getAsJsonArray("promptIds").asList().stream()
                        .map(id -> id.getAsInt())
                        .toList();
        assertThat(ids.getFirst()).isEqualTo(2);
        assertThat(ids.subList(1, ids.size())).doesNotContain(2);
    }

    @Test
    void samplingRepeatsWithASeed() {
        Object[] sampled = {
            "--model", bundle, "--ids", IDS, "--temperature", 1, "--top-k", 20, "--seed", 7
        };
        assertThat(generate(sampled).get("ids")).isEqualTo(generate(sampled).get("ids"));
    }

    @Test
    void aPromptComesFromOnePlace() {
        assertThat(Run.of("generate", "--model", bundle).code()).isEqualTo(2);
        assertThat(Run.of("generate", "--model", bundle, "--prompt", "a", "--ids", "2").code())
                .isEqualTo(2);
        assertThat(Run.of("generate", "--model", bundle, "--ids", "2,x").code()).isEqualTo(2);
    }

    @Test
    void logitsAreTheOnesThatGreedySearchSees() throws IOException {
        Path file = folder.resolve("logits.safetensors");
        JsonObject result =
                json(Run.of("logits", "--model", bundle, "--ids", IDS, "--out", file, "--json"));
        int vocab = result.get("vocab").getAsInt();
        assertThat(result.get("tokens").getAsInt()).isEqualTo(8);
        try (SafetensorsFile logits = SafetensorsFile.open(file)) {
            assertThat(logits.tensor("logits").shape()).containsExactly(8L, (long) vocab);
            float[] last = new float[vocab];
            logits.segment("logits")
                    .asSlice(7L * vocab * Float.BYTES)
                    .asByteBuffer()
                    .order(java.nio.ByteOrder.LITTLE_ENDIAN)
                    .asFloatBuffer()
                    .get(last);
            int next =
                    generate("--model", bundle, "--ids", IDS)
                            .getAsJsonArray("ids")
                            .get(0)
                            .getAsInt();
            for (float logit : last) {
                assertThat(logit).isLessThanOrEqualTo(last[next]);
            }
        }
    }

    @Test
    void perplexityScoresEveryTokenOnce() throws IOException {
        Path text = Files.writeString(folder.resolve("text.txt"), "The cat ran. ".repeat(20));
        JsonObject whole = json(Run.of("perplexity", "--model", bundle, "--file", text, "--json"));
        JsonObject sliding =
                json(
                        Run.of(
                                "perplexity",
                                "--model",
                                bundle,
                                "--file",
                                text,
                                "--context",
                                32,
                                "--stride",
                                16,
                                "--json"));
        assertThat(whole.get("perplexity").getAsDouble())
                .isEqualTo(Math.exp(whole.get("meanNll").getAsDouble()));
        assertThat(sliding.get("tokens")).isEqualTo(whole.get("tokens"));
    }

    @Test
    void benchTellsWhatTheFirstTokenWaitsFor() {
        JsonObject result =
                json(
                        Run.of(
                                "bench",
                                "--model",
                                bundle,
                                "--first-token",
                                "-p",
                                4,
                                "-r",
                                2,
                                "--json"));
        assertThat(result.get("prompt").getAsInt()).isEqualTo(4);
        double first = result.get("first").getAsDouble();
        double warm = result.getAsJsonObject("warm").get("median").getAsDouble();
        assertThat(warm).isPositive();
        assertThat(result.get("beyondPrompt").getAsDouble()).isCloseTo(first - warm, within(1e-9));
        assertThat(result.get("load").getAsDouble())
                .isGreaterThanOrEqualTo(result.get("warmUp").getAsDouble());
    }

    @Test
    void benchMeasures() {
        JsonObject result =
                json(Run.of("bench", "--model", bundle, "-p", 8, "-n", 4, "-r", 2, "--json"));
        assertThat(result.getAsJsonObject("prefill").keySet()).contains("median", "min", "max");
        assertThat(result.getAsJsonObject("decode").get("median").getAsDouble()).isPositive();
        assertThat(result.get("kernels").getAsString()).isNotBlank();
        assertThat(result.has("threads")).isTrue();
        assertThat(result.get("timesOne").isJsonNull()).isTrue();
    }

    @Test
    void benchComparesSeveralSequencesWithOne() {
        Object[] measure = {"bench", "--model", bundle, "-p", 8, "-n", 4, "-r", 2, "--sessions", 3};
        assertThat(Run.of(measure).out()).contains("tok/s of 3 sequences, ").contains(" x one");
        Object[] asJson = Stream.concat(Stream.of(measure), Stream.of("--json")).toArray();
        JsonObject result = json(Run.of(asJson));
        assertThat(result.getAsJsonObject("timesOne").get("median").getAsDouble()).isPositive();
    }

    @Test
    void benchKeepsItsRandomModel(@TempDir Path folder) {
        Path kept = folder.resolve("random");
        Path config = bundle.resolve("config.json");
        Object[] measure = {"bench", "--config", config, "-p", 4, "-n", 2, "-r", 1, "--keep", kept};
        assertThat(Run.of(measure).code()).isZero();
        assertThat(json(Run.of("inspect", kept, "--json")).size()).isPositive();
        assertThat(Run.of("bench", "--config", config, "--first-token").code()).isEqualTo(2);
        assertThat(Run.of("bench", "--model", kept, "--keep", folder).code()).isEqualTo(2);
    }

    @Test
    void demoStreamsThroughTheEngine() {
        Run run = Run.of("demo");
        assertThat(run.code()).describedAs(run.err()).isZero();
        assertThat(run.out()).isNotBlank();
        JsonObject result = json(Run.of("demo", "--json"));
        String text = result.get("text").getAsString();
        assertThat(run.out().strip())
                .isEqualTo(text + "\n" + result.get("description").getAsString());
        assertThat(result.get("description").getAsString()).isNotBlank();
    }

    @Test
    void simulatePricesAModelAndAConfiguration() {
        Path config = bundle.resolve("config.json");
        JsonObject model =
                json(Run.of("simulate", "--model", bundle, "--phase", "decode", "--json"));
        assertThat(model.keySet())
                .contains(
                        "device",
                        "phase",
                        "prompt",
                        "context",
                        "seconds",
                        "tokensPerSecond",
                        "joules",
                        "joulesPerToken",
                        "ddrBytes",
                        "bound",
                        "kernels");
        assertThat(model.getAsJsonArray("kernels").get(0).getAsJsonObject().keySet())
                .contains("name", "calls", "seconds", "ddrBytes", "flops", "bound");
        assertThat(json(Run.of("simulate", "--config", config, "--phase", "decode", "--json")))
                .isEqualTo(model);
        assertThat(json(Run.of("simulate", "--model", source, "--phase", "decode", "--json")))
                .isEqualTo(model);
    }

    @Test
    void simulateWritesATraceAndAReport(@TempDir Path folder) throws Exception {
        Path trace = folder.resolve("trace.json");
        Path html = folder.resolve("report.html");
        json(
                Run.of(
                        "simulate",
                        "--model",
                        bundle,
                        "--context",
                        "64",
                        "--json",
                        "--trace",
                        trace,
                        "--html",
                        html));
        assertThat(
                        JsonParser.parseString(Files.readString(trace))
                                .getAsJsonObject()
                                .getAsJsonArray("traceEvents"))
                .isNotEmpty();
        assertThat(Files.readString(html)).contains("<svg");
    }

    @Test
    void simulatePlaysEventsAndSweepsParameters() {
        JsonObject played =
                json(
                        Run.of(
                                "simulate",
                                "--model",
                                bundle,
                                "--events",
                                "--context",
                                "64",
                                "--json"));
        // a layer of Gemma 3: four norms, heads' norms, rotation, attention, four projections, gate
        for (String part : List.of("global layer", "local layer")) {
            assertThat(played.getAsJsonArray("events"))
                    .filteredOn(
                            event -> event.getAsJsonObject().get("part").getAsString().equals(part))
                    .hasSize(12);
        }
        assertThat(played.getAsJsonArray("events")).hasSize(25);
        assertThat(played.getAsJsonArray("kernels")).isNotEmpty();
        Run sweep = Run.of("simulate", "--model", bundle, "--sweep", "columns=4..8/2", "--json");
        assertThat(json(sweep).getAsJsonArray("points")).hasSize(2);
        assertThat(Run.of("simulate", "--model", bundle, "--sweep", "colour=4..8").code())
                .isEqualTo(2);
    }

    @Test
    void simulateTakesADeviceFromAFile(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("slow.json");
        json(Run.of("simulate", "--write-device", file, "--device", "strix", "--json"));
        JsonObject strix = decode("strix");
        assertThat(decode(file.toString())).isEqualTo(strix);
        Files.writeString(
                file, Files.readString(file).replace("6.0E10", "3.0E10").replace("strix", "slow"));
        JsonObject slow = decode(file.toString());
        assertThat(slow.get("device").getAsString()).isEqualTo("slow");
        assertThat(slow.get("seconds").getAsDouble())
                .isGreaterThan(strix.get("seconds").getAsDouble());
        assertThat(Run.of("simulate", "--model", bundle, "--device", "nothing").code())
                .isEqualTo(2);
    }

    private static JsonObject decode(String device) {
        return json(Run.of("simulate", "--model", bundle, "--device", device, "--json"));
    }

    @Test
    void simulatePlotsASweepAndSaysWhyPlansAreAsTheyAre(@TempDir Path folder) throws Exception {
        Path html = folder.resolve("sweep.html");
        JsonObject sweep =
                json(
                        Run.of(
                                "simulate",
                                "--model",
                                bundle,
                                "--sweep",
                                "columns=4..8/2",
                                "--sweep",
                                "ddr=40..120/3GB/s",
                                "--html",
                                html,
                                "--json"));
        assertThat(sweep.getAsJsonArray("points")).hasSize(6);
        assertThat(Files.readString(html)).contains("<svg", "columns 8", "<table>");
        JsonObject planned =
                json(
                        Run.of(
                                "simulate",
                                "--model",
                                bundle,
                                "--phase",
                                "prefill",
                                "--plans",
                                "--json"));
        assertThat(planned.getAsJsonArray("plans"))
                .anySatisfy(
                        plan ->
                                assertThat(plan.getAsJsonObject().get("reason").getAsString())
                                        .contains("megatile"));
    }

    @Test
    void simulateShowsThePublishedTables() {
        JsonObject report = json(Run.of("simulate", "--published", "--json"));
        assertThat(report.keySet()).contains("points", "meanError", "worstError");
        assertThat(report.getAsJsonArray("points").get(0).getAsJsonObject().keySet())
                .contains(
                        "model",
                        "phase",
                        "context",
                        "published",
                        "predicted",
                        "error",
                        "calibrated");
    }

    @Test
    void aSourceMayBeNamedByAPathThatClimbs() {
        Path roundabout = source.resolveSibling("..").resolve("storyteller").resolve("model.onnx");
        json(Run.of("convert", roundabout, folder.resolve("again"), "--json"));
    }

    @Test
    void aMissingModelIsOneMessage() {
        Run run = Run.of("generate", "--model", folder.resolve("none"), "--prompt", "a");
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.out()).isEmpty();
        assertThat(run.err().strip().lines()).hasSize(1);
        assertThat(run.err()).contains("none");
    }

    private static JsonObject generate(Object... arguments) {
        Object[] all = new Object[arguments.length + 4];
        all[0] = "generate";
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        all[all.length - 3] = "--max-new-tokens";
        all[all.length - 2] = 8;
        all[all.length - 1] = "--json";
        return json(Run.of(all));
    }

    private static JsonObject json(Run run) {
        assertThat(run.code()).describedAs(run.err()).isZero();
        return JsonParser.parseString(run.out()).getAsJsonObject();
    }

    private Path copy(Path bundleFolder) throws IOException {
        Path copy = Files.createDirectory(folder.resolve("copy"));
        try (var files = Files.list(bundleFolder)) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(file.getFileName()));
            }
        }
        return copy;
    }
}
