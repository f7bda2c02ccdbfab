package io.djlnpu.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.inference.Predictor;
import ai.djl.inference.streaming.IteratorBytesSupplier;
import ai.djl.modality.Input;
import ai.djl.modality.Output;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.translate.TranslateException;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.djlnpu.translate.NpuTranslatorFactory;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Many threads ask one model at once, give up, close their predictors, and exchange the model under
 * each other: every answer is what it is alone, and nothing is left behind.
 */
class SoakIT {

    private static final int THREADS = 8;

    /** Of a thread; {@code NPU_SOAK_REQUESTS=5000} makes it some ten minutes. */
    private static final int REQUESTS =
            Integer.parseInt(System.getenv().getOrDefault("NPU_SOAK_REQUESTS", "200"));

    private static final int WARM_UP_REQUESTS = 60;
    private static final int REQUESTS_PER_MODEL = 150;
    private static final int CASES = 40;

    private static final int KEPT_MEGABYTES = 48;

    /** Slack for what the JVM itself moves about; one leaked session is 2 MB and more. */
    private static final long HEAP_SLACK = 24L << 20;

    /** Kept prompts differ in length. */
    private static final long ASKED_SLACK = 1L << 20;

    /** A sixth of a megabyte a request, for compilers and what malloc cannot give back. */
    private static final long RESIDENT_SLACK = 256L << 20;

    private static final List<String> HOSTILE =
            List.of(
                    "{\"inputs\": \"a\", \"parameters\": {\"max_new_tokens\": 4294967298}}",
                    "{\"inputs\": \"a\", \"parameters\": {\"temperature\": \"NaN\"}}",
                    "{\"inputs\": \"a\", \"strict\": true, \"temprature\": 1, \"seed\": 12345}",
                    "{\"inputs\": \"a\", \"image\": \"file:///etc/passwd\", \"seed\": 1}",
                    "{\"inputs\": \"%s\"}".formatted("a ".repeat(500_000)),
                    "{\"inputs\": %s".formatted("[".repeat(10_000)),
                    "{\"messages\": [{\"role\": \"user\", \"content\": {}}], \"seed\": 1}");

    @TempDir static Path cache;

    private final AtomicInteger served = new AtomicInteger();
    private final AtomicInteger cutShort = new AtomicInteger();
    private final List<Question> questions = new ArrayList<>();
    private Footprint before;
    private volatile ZooModel<Input, Output> model;

    /** A request and its answer when nothing else runs. */
    private record Question(String json, String answer) {}

    @BeforeEach
    void open() throws Exception {
        before = Footprint.now();
        System.setProperty("DJL_CACHE_DIR", cache.toString());
        model = load();
        Random random = new Random(11);
        List<String> words =
                List.of("Once upon a time", "a small fox", "the old bear", "ran to", "and said");
        try (Predictor<Input, Output> alone = model.newPredictor()) {
            for (int i = 0; i < CASES; i++) {
                StringBuilder prompt = new StringBuilder("Story:");
                for (int w = random.nextInt(30); w >= 0; w--) {
                    prompt.append(' ').append(words.get(random.nextInt(words.size())));
                }
                String json =
                        ("{\"inputs\": \"%s\", \"parameters\": {\"max_new_tokens\": %d,"
                                        + " \"temperature\": 1, \"seed\": %d}}")
                                .formatted(prompt, 1 + random.nextInt(20), i);
                questions.add(new Question(json, text(alone.predict(input(json)))));
            }
        }
    }

    private static ZooModel<Input, Output> load() throws Exception {
        return Criteria.builder()
                .setTypes(Input.class, Output.class)
                .optModelPath(ShippedModel.folder())
                .optEngine("NPU")
                .optTranslatorFactory(new NpuTranslatorFactory())
                .optOption("threads", "2")
                .optOption("promptCacheMegabytes", String.valueOf(KEPT_MEGABYTES))
                .build()
                .loadModel();
    }

    @AfterEach
    void close() {
        model.close();
        System.clearProperty("DJL_CACHE_DIR");
    }

    private static Input input(String json) {
        Input input = new Input();
        input.add(json);
        return input;
    }

    private static String text(Output output) {
        assertThat(output.getCode()).as(output.getMessage()).isEqualTo(200);
        return json(output.getData().getAsString()).get("generated_text").getAsString();
    }

    private static JsonObject json(String text) {
        return JsonParser.parseString(text).getAsJsonObject();
    }

    @Test
    void everyAnswerIsWhatItIsAloneAndNothingIsLeft() throws Exception {
        run(WARM_UP_REQUESTS);
        Footprint warm = Footprint.now();
        served.set(0);
        run(REQUESTS);
        assertThat(served.get()).isGreaterThan(THREADS * REQUESTS / 2);
        assertThat(cutShort.get()).as("requests that were cut short").isPositive();
        Footprint after = Footprint.now();
        assertThat(after.heap()).isLessThan(warm.heap() + HEAP_SLACK);
        assertThat(after.asked()).isLessThan(warm.asked() + ASKED_SLACK);
        assertThat(after.resident()).isLessThan(warm.resident() + RESIDENT_SLACK);
        assertThat(after.mappedModels()).isEqualTo(warm.mappedModels());
        model.close();
        Footprint end = Footprint.now();
        assertThat(end.mappedModels()).isZero();
        assertThat(end.asked()).isLessThan(before.asked() + ASKED_SLACK);
        assertThat(end.resident()).isLessThan(warm.resident() + RESIDENT_SLACK);
    }

    private void run(int requests) throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(THREADS);
                ScheduledExecutorService timer = Executors.newScheduledThreadPool(1)) {
            List<Callable<Void>> work = new ArrayList<>();
            for (int t = 0; t < THREADS; t++) {
                Random random = new Random(31L * requests + t);
                work.add(
                        () -> {
                            for (int i = 0; i < requests; i++) {
                                request(random, timer);
                            }
                            return null;
                        });
            }
            for (Future<Void> one : threads.invokeAll(work)) {
                one.get();
            }
        }
    }

    private void request(Random random, ScheduledExecutorService timer) throws Exception {
        if (random.nextInt(REQUESTS_PER_MODEL) == 0) {
            exchangeModel();
        }
        ZooModel<Input, Output> asked = model;
        Question question = questions.get(random.nextInt(CASES));
        try (Predictor<Input, Output> predictor = asked.newPredictor()) {
            switch (random.nextInt(8)) {
                case 0 -> streamed(predictor, question, Integer.MAX_VALUE, Integer.MAX_VALUE);
                case 1 -> streamed(predictor, question, random.nextInt(8), Integer.MAX_VALUE);
                case 2 -> streamed(predictor, question, Integer.MAX_VALUE, random.nextInt(8));
                case 3 -> cancelled(predictor, question, random.nextInt(40), timer);
                case 4 -> refused(predictor, HOSTILE.get(random.nextInt(HOSTILE.size())));
                case 5 -> interrupted(predictor, question);
                default ->
                        assertThat(text(predictor.predict(input(question.json))))
                                .isEqualTo(question.answer);
            }
            served.incrementAndGet();
        } catch (Exception e) {
            // Its model was taken away; anything else is a fault.
            if (asked == model) {
                throw e;
            }
            assertThat(e).hasStackTraceContaining("closed");
            cutShort.incrementAndGet();
        }
    }

    private static void refused(Predictor<Input, Output> predictor, String json) throws Exception {
        assertThat(predictor.predict(input(json)).getCode())
                .as(json.substring(0, 40))
                .isEqualTo(400);
    }

    private static void interrupted(Predictor<Input, Output> predictor, Question question) {
        Thread.currentThread().interrupt();
        try {
            assertThatThrownBy(() -> predictor.predict(input(question.json)))
                    .isInstanceOf(TranslateException.class);
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    private synchronized void exchangeModel() throws Exception {
        ZooModel<Input, Output> old = model;
        model = load();
        old.close();
    }

    private void streamed(
            Predictor<Input, Output> predictor, Question question, int leaveAt, int closeAt)
            throws Exception {
        Output output = predictor.streamingPredict(input(question.json)).getIterativeOutput();
        IteratorBytesSupplier pieces = (IteratorBytesSupplier) output.getData();
        StringBuilder text = new StringBuilder();
        for (int i = 0; pieces.hasNext(); i++) {
            if (i == leaveAt) {
                assertThat(question.answer).startsWith(text);
                return; // without a word: the stream is garbage now
            }
            if (i == closeAt) {
                predictor.close();
            }
            JsonObject piece = json(new String(pieces.next(), StandardCharsets.UTF_8));
            text.append(piece.getAsJsonObject("token").get("text").getAsString());
        }
        assertThat(text.toString()).isEqualTo(question.answer);
    }

    private static void cancelled(
            Predictor<Input, Output> predictor,
            Question question,
            int milliseconds,
            ScheduledExecutorService timer)
            throws Exception {
        Input input = input(question.json);
        timer.schedule(() -> input.setCancelled(true), milliseconds, TimeUnit.MILLISECONDS);
        assertThat(question.answer).startsWith(text(predictor.predict(input)));
    }

    /**
     * What the process holds, in bytes, after the garbage is gone.
     *
     * @param heap in use
     * @param asked asked for outside the heap
     * @param resident anonymous memory
     * @param mappedModels files of weights that are mapped
     */
    private record Footprint(long heap, long asked, long resident, int mappedModels) {

        static Footprint now() throws Exception {
            for (int i = 0; i < 4; i++) {
                System.gc();
                Thread.sleep(100); // for cleaners and finalizers
            }
            long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
            Path maps = Path.of("/proc/self/maps");
            if (!Files.exists(maps)) {
                return new Footprint(heap, NativeMemory.asked(), 0, 0);
            }
            long models =
                    Files.readAllLines(maps).stream()
                            .filter(line -> line.contains("/model.q4nx"))
                            .count();
            return new Footprint(heap, NativeMemory.asked(), NativeMemory.resident(), (int) models);
        }
    }
}
