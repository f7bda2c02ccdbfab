package io.djlnpu.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.djlnpu.bundle.BundleOptions;
import io.djlnpu.bundle.BundleWriter;
import io.djlnpu.bundle.ModelBundle;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sequences that decode together get what each would get alone. */
class DecodeGateTest {

    private static final int STEPS = 40;

    @TempDir private Path folder;
    private ModelBundle bundle;

    @BeforeEach
    void open() throws Exception {
        BundleWriter.write(
                SyntheticModel.of(4, 1), folder.resolve("bundle"), BundleOptions.defaults());
        bundle = ModelBundle.open(folder.resolve("bundle"));
    }

    @AfterEach
    void close() {
        bundle.close();
    }

    /** Prompt and tokens are the sequence's own; lengths differ so that batches shrink. */
    private static List<float[]> decode(DecoderModel model, int sequence) {
        List<float[]> rows = new ArrayList<>();
        Random random = new Random(sequence);
        try (DecoderSession session = model.newSession()) {
            session.prefill(random.ints(3 + sequence, 0, 224).toArray());
            for (int i = 0; i < STEPS + sequence; i++) {
                rows.add(session.decode(random.nextInt(224)).clone());
            }
        }
        return rows;
    }

    /** Half of the sequences only ask for the likeliest token, among others that read logits. */
    @ParameterizedTest
    @CsvSource({"1,PACKED", "1,MAPPED", "4,PACKED", "7,PACKED"})
    void theLikeliestTokenIsThatOfTheGreatestLogit(int sequences, WeightLayout weights)
            throws Exception {
        DecoderOptions options = DecoderOptions.defaults().withThreads(2).withWeights(weights);
        try (DecoderModel model = DecoderModel.load(bundle, options);
                ExecutorService threads = Executors.newFixedThreadPool(sequences)) {
            List<List<float[]>> rows = together(model, sequences);
            List<Future<List<Integer>>> running = new ArrayList<>();
            for (int i = 0; i < sequences; i++) {
                int sequence = i;
                running.add(threads.submit(() -> decodeGreedy(model, sequence)));
            }
            for (int i = 0; i < sequences; i++) {
                List<Integer> expected =
                        rows.get(i).stream().map(DecodeGateTest::greatest).toList();
                assertThat(running.get(i).get()).isEqualTo(expected);
            }
        }
    }

    private static List<Integer> decodeGreedy(DecoderModel model, int sequence) {
        List<Integer> likeliest = new ArrayList<>();
        Random random = new Random(sequence);
        try (DecoderSession session = model.newSession()) {
            session.prefill(random.ints(3 + sequence, 0, 224).toArray());
            for (int i = 0; i < STEPS + sequence; i++) {
                int token = random.nextInt(224);
                likeliest.add(
                        i % 2 == sequence % 2
                                ? session.decodeGreedy(token)
                                : greatest(session.decode(token)));
            }
        }
        return likeliest;
    }

    private static int greatest(float[] logits) {
        int best = 0;
        for (int i = 1; i < logits.length; i++) {
            best = logits[i] > logits[best] ? i : best;
        }
        return best;
    }

    private static List<List<float[]>> together(DecoderModel model, int sequences)
            throws Exception {
        List<List<float[]>> results = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(sequences)) {
            List<Future<List<float[]>>> running = new ArrayList<>();
            for (int i = 0; i < sequences; i++) {
                int sequence = i;
                running.add(threads.submit(() -> decode(model, sequence)));
            }
            for (Future<List<float[]>> result : running) {
                results.add(result.get());
            }
        }
        return results;
    }

    @ParameterizedTest
    @CsvSource({
        "2,BF16,PACKED",
        "3,BF16,PACKED",
        "4,FLOAT32,PACKED",
        "9,BF16,PACKED",
        "6,BF16,MAPPED"
    })
    void everySequenceGetsTheBitsThatItGetsAlone(
            int sequences, Numerics numerics, WeightLayout weights) throws Exception {
        DecoderOptions options =
                DecoderOptions.defaults()
                        .withNumerics(numerics)
                        .withThreads(2)
                        .withWeights(weights);
        try (DecoderModel model = DecoderModel.load(bundle, options)) {
            List<List<float[]>> results = together(model, sequences);
            for (int i = 0; i < sequences; i++) {
                assertSame(results.get(i), decode(model, i));
            }
        }
    }

    @Test
    void anInterruptedThreadDecodesAndStaysInterrupted() throws Exception {
        try (DecoderModel model = DecoderModel.load(bundle, DecoderOptions.defaults());
                DecoderSession session = model.newSession()) {
            session.prefill(new int[] {1, 2});
            Thread.currentThread().interrupt();
            float[] logits = session.decode(3);
            assertThat(Thread.interrupted()).isTrue();
            assertThat(logits[0]).isFinite();
        }
    }

    @Test
    void aWrongTokenHurtsNobodyElse() throws Exception {
        DecoderOptions options = DecoderOptions.defaults().withThreads(2);
        try (DecoderModel model = DecoderModel.load(bundle, options);
                DecoderSession session = model.newSession();
                ExecutorService threads = Executors.newFixedThreadPool(2)) {
            session.prefill(new int[] {1, 2});
            Future<List<float[]>> first = threads.submit(() -> decode(model, 0));
            Future<List<float[]>> second = threads.submit(() -> decode(model, 1));
            do {
                assertThatThrownBy(() -> session.decode(100_000))
                        .isInstanceOf(IllegalArgumentException.class);
                assertThat(session.position()).isEqualTo(2);
            } while (!first.isDone() || !second.isDone());
            assertThat(session.decode(3)[0]).isFinite();
            assertSame(first.get(), decode(model, 0));
            assertSame(second.get(), decode(model, 1));
        }
    }

    private static void assertSame(List<float[]> rows, List<float[]> expected) {
        assertThat(rows).usingElementComparator(Arrays::compare).isEqualTo(expected);
    }

    /** Whoever is in a step that fails hears of it, and the next step works. */
    @Test
    void aFailedStepIsReportedToAllThatAreInIt() throws Exception {
        FaultySimd simd = new FaultySimd();
        DecoderOptions options = DecoderOptions.defaults().withThreads(2);
        try (DecoderModel model = DecoderModel.load(bundle, options, simd.provider());
                ExecutorService threads = Executors.newFixedThreadPool(3)) {
            List<DecoderSession> sessions = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                sessions.add(model.newSession());
                sessions.get(i).prefill(new int[] {1, 2});
            }
            simd.failing = true;
            List<Future<float[]>> steps = new ArrayList<>();
            for (DecoderSession session : sessions) {
                steps.add(threads.submit(() -> session.decode(3)));
            }
            for (Future<float[]> step : steps) {
                assertThatThrownBy(step::get)
                        .cause()
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessage("a step of decoding failed")
                        .hasRootCauseMessage("faulty");
            }
            sessions.forEach(DecoderSession::close);
            simd.failing = false;
            assertThat(decode(model, 0)).hasSize(STEPS);
        }
    }
}
