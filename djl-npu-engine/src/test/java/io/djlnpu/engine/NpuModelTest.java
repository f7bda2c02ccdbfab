package io.djlnpu.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.translate.NoopTranslator;
import ai.djl.translate.TranslateException;
import io.djlnpu.format.ModelFormatException;
import io.djlnpu.generate.GenerationConfig;
import io.djlnpu.testing.Fixtures;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NpuModelTest {

    @TempDir Path folder;

    @BeforeEach
    void useAnEmptyCache() {
        System.setProperty("DJL_CACHE_DIR", folder.resolve("cache").toString());
    }

    @AfterEach
    void forgetTheCache() {
        System.clearProperty("DJL_CACHE_DIR");
    }

    @Test
    void damagedModelsAreNamedAndLeaveNothingBehind() throws Exception {
        Path model = copyOfMicro();
        Path data = model.resolve("model.onnx.data");
        byte[] whole = Files.readAllBytes(data);
        Files.write(data, Arrays.copyOf(whole, whole.length - 1000));
        assertRefused(model, ModelFormatException.Code.TRUNCATED, "model.onnx.data");
        Files.delete(data);
        assertRefused(model, ModelFormatException.Code.MISSING_FILE, "model.onnx.data");
        Path graph = model.resolve("model.onnx");
        byte[] bytes = Files.readAllBytes(graph);
        Files.write(graph, Arrays.copyOf(bytes, bytes.length / 2));
        assertRefused(model, null, "model.onnx");
    }

    private void assertRefused(Path path, ModelFormatException.Code code, String named)
            throws IOException {
        try (Model model = Model.newInstance("micro", "NPU")) {
            assertThatThrownBy(() -> model.load(path))
                    .isInstanceOf(MalformedModelException.class)
                    .hasMessageContaining(named)
                    .cause()
                    .isInstanceOfSatisfying(
                            ModelFormatException.class,
                            e -> {
                                if (code != null) {
                                    assertThat(e.code()).isEqualTo(code);
                                }
                            });
        }
        Path cache = folder.resolve("cache/npu");
        if (Files.exists(cache)) {
            try (Stream<Path> left = Files.list(cache)) {
                assertThat(left.filter(Files::isDirectory)).isEmpty();
            }
        }
    }

    @Test
    void wrongPathsAndOptionsAreNamed() throws Exception {
        Path micro = copyOfMicro();
        try (Model model = Model.newInstance("micro", "NPU")) {
            assertThatThrownBy(() -> model.load(folder.resolve("nowhere")))
                    .isInstanceOf(FileNotFoundException.class)
                    .hasMessageContaining("nowhere");
            assertThatThrownBy(() -> model.load(micro, null, Map.of("numerics", "int3")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("numerics=int3");
            assertThatThrownBy(() -> model.load(micro, null, Map.of("threads", "many")))
                    .hasMessageContaining("option threads many");
            assertThatThrownBy(() -> model.load(micro, null, Map.of("warmUp", "maybe")))
                    .hasMessageContaining("warmUp=maybe");
        }
    }

    @Test
    void aRelativePathToAGraphIsEnough() throws Exception {
        Path graph = copyOfMicro().resolve("model.onnx");
        Path relative = Path.of("").toAbsolutePath().relativize(graph);
        assertThat(relative).isRelative();
        try (Model model = Model.newInstance("micro", "NPU")) {
            model.load(relative, null, Map.of("warmUp", "false"));
            assertThat(NpuModel.runtime(model).model().config().layers()).isPositive();
        }
    }

    /** Hugging Face's layout: the graphs lie in a folder of their own, under many names. */
    @Test
    void aNameChoosesAmongTheGraphs() throws Exception {
        Path micro = copyOfMicro();
        Path onnx = Files.createDirectory(micro.resolve("onnx"));
        Files.copy(micro.resolve("model.onnx"), onnx.resolve("model_a.onnx"));
        Files.move(micro.resolve("model.onnx"), onnx.resolve("model_b.onnx"));
        Files.move(micro.resolve("model.onnx.data"), onnx.resolve("model.onnx.data"));
        List<Path> bundles = new ArrayList<>();
        for (String name : List.of("model_a", "model_b", "model_b.onnx")) {
            try (Model model = Model.newInstance(name, "NPU")) {
                model.load(micro, null, Map.of("warmUp", "false"));
                bundles.add(NpuModel.runtime(model).bundle().folder());
            }
        }
        assertThat(bundles.get(1)).isEqualTo(bundles.get(2)).isNotEqualTo(bundles.get(0));
        try (Model model = Model.newInstance("model_fp16", "NPU")) {
            assertThatThrownBy(() -> model.load(micro))
                    .isInstanceOf(FileNotFoundException.class)
                    .hasMessageContaining("model_fp16")
                    .hasMessageContaining("onnx/model_a.onnx, onnx/model_b.onnx");
        }
    }

    /** The model is unreachable while its answer goes on: nobody may close it then. */
    @Test
    void anAnswerKeepsItsModelAlive() throws Exception {
        TokenStream answer = answerOfAModelThatNobodyHolds();
        for (int i = 0; i < 5; i++) {
            System.gc();
            Thread.sleep(50);
            assertThat(answer.hasNext()).isTrue();
            answer.nextToken();
        }
        answer.close();
    }

    /** DJL's managers hold what belongs to a model, so that it may not hold the model. */
    @Test
    void aModelThatNobodyHoldsIsClosed() throws Exception {
        NpuRuntime runtime = runtimeOfAModelThatNobodyHolds();
        for (int i = 0; i < 100 && !runtime.closing(); i++) {
            System.gc();
            Thread.sleep(20);
        }
        assertThat(runtime.closing()).isTrue();
    }

    private static NpuRuntime runtimeOfAModelThatNobodyHolds() throws Exception {
        Model model = Model.newInstance("genai-int4", "NPU");
        model.load(
                Fixtures.fixture("storyteller/onnx/genai-int4"), null, Map.of("warmUp", "false"));
        return NpuModel.runtime(model);
    }

    private TokenStream answerOfAModelThatNobodyHolds() throws Exception {
        Model model = Model.newInstance("genai-int4", "NPU");
        model.load(
                Fixtures.fixture("storyteller/onnx/genai-int4"), null, Map.of("warmUp", "false"));
        return NpuModel.runtime(model)
                .text()
                .complete(
                        "Once",
                        GenerationConfig.builder().ignoreEos(true).maxNewTokens(50).build());
    }

    @Test
    void whatAnEarlierRunKeptIsNotReplacedByNothing() throws Exception {
        Path file = folder.resolve("new/prompts/kept.bin");
        ask(Map.of("promptCacheFile", file.toString()));
        byte[] kept = Files.readAllBytes(file);
        ask(Map.of("promptCacheFile", file.toString(), "promptCacheMegabytes", "0"));
        assertThat(file).hasBinaryContent(kept);
    }

    private static void ask(Map<String, String> kept) throws Exception {
        Map<String, String> options = new java.util.HashMap<>(kept);
        options.put("warmUp", "false");
        try (Model model = Model.newInstance("genai-int4", "NPU")) {
            model.load(Fixtures.fixture("storyteller/onnx/genai-int4"), null, options);
            try (TokenStream answer =
                    NpuModel.runtime(model).text().complete("Once", GenerationConfig.greedy(2))) {
                answer.complete();
            }
        }
    }

    @Test
    void manyThreadsGetTheAnswersThatEachGetsAlone() throws Exception {
        try (Model model = Model.newInstance("micro", "NPU");
                ExecutorService pool = Executors.newFixedThreadPool(8)) {
            model.load(copyOfMicro(), null, Map.of("threads", "2", "prefillChunk", "8"));
            List<Callable<long[]>> requests = new ArrayList<>();
            List<long[]> alone = new ArrayList<>();
            for (int i = 0; i < 24; i++) {
                int seed = i;
                requests.add(() -> greedy(model, seed));
                alone.add(greedy(model, seed));
            }
            List<Future<long[]>> answers = pool.invokeAll(requests);
            for (int i = 0; i < requests.size(); i++) {
                assertThat(answers.get(i).get()).isEqualTo(alone.get(i));
            }
        }
    }

    @Test
    void closingWhileOthersPredictIsNoticedAndNothingElse() throws Exception {
        Path micro = copyOfMicro();
        for (int round = 0; round < 5; round++) {
            Model model = Model.newInstance("micro", "NPU");
            model.load(micro, null, Map.of("threads", "2"));
            int wait = 20 * round;
            try (ExecutorService pool = Executors.newFixedThreadPool(4)) {
                List<Future<?>> running = new ArrayList<>();
                for (int i = 0; i < 4; i++) {
                    int seed = i;
                    running.add(
                            pool.submit(
                                    () -> {
                                        while (true) {
                                            greedy(model, seed);
                                        }
                                    }));
                }
                Thread.sleep(wait);
                model.close();
                for (Future<?> loop : running) {
                    assertThatThrownBy(loop::get)
                            .cause()
                            .isInstanceOfAny(TranslateException.class, IllegalStateException.class)
                            .hasStackTraceContaining("closed");
                }
            }
        }
    }

    private static long[] greedy(Model model, int seed) throws TranslateException {
        Random random = new Random(seed);
        long[] ids = random.longs(2 + random.nextInt(40), 10, 400).toArray();
        int layers = NpuModel.runtime(model).model().config().layers();
        long[] answer = new long[12];
        try (NDManager manager = NDManager.newBaseManager("NPU");
                Predictor<NDList, NDList> predictor = model.newPredictor(new NoopTranslator())) {
            NDList in = new NDList(manager.create(new long[][] {ids}));
            for (int i = 0; i < answer.length; i++) {
                NDList out = predictor.predict(in);
                answer[i] = out.head().get("0, -1").argMax().getLong();
                in = new NDList(manager.create(new long[][] {{answer[i]}}));
                in.addAll(out.subNDList(1, 1 + 2 * layers));
            }
        }
        return answer;
    }

    private Path copyOfMicro() throws IOException {
        Path source = Fixtures.fixture("micro/onnx/genai-int4");
        Path target = Files.createDirectory(folder.resolve("micro"));
        try (Stream<Path> files = Files.list(source)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path copy = Files.copy(file, target.resolve(file.getFileName()));
                copy.toFile().setWritable(true);
            }
        }
        return target;
    }
}
