package io.djlnpu.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.sun.management.ThreadMXBean;
import io.djlnpu.bundle.BundleOptions;
import io.djlnpu.bundle.BundleWriter;
import io.djlnpu.bundle.ModelBundle;
import io.djlnpu.simd.SimdProvider;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The forward pass against double precision, and against itself cut and threaded otherwise. */
class DecoderSessionTest {

    private static final double TOLERANCE = 1e-3;

    @TempDir private Path folder;

    private ModelBundle bundle(int heads, int kvHeads) throws IOException {
        Path target = folder.resolve(heads + "-" + kvHeads);
        BundleWriter.write(SyntheticModel.of(heads, kvHeads), target, BundleOptions.defaults());
        return ModelBundle.open(target);
    }

    /** Longer than the window of 24 and than one aligned run of 64 keys. */
    private static int[] prompt() {
        return new Random(5).ints(90, 0, 224).toArray();
    }

    private static DecoderOptions options() {
        return DecoderOptions.defaults().withThreads(1).withNumerics(Numerics.FLOAT32);
    }

    private static float[][] logits(ModelBundle bundle, DecoderOptions options, int prefill)
            throws IOException {
        int[] ids = prompt();
        float[][] rows = new float[ids.length][];
        try (DecoderModel model = DecoderModel.load(bundle, options);
                DecoderSession session = model.newSession()) {
            session.prefillAll(Arrays.copyOf(ids, prefill), (t, row) -> rows[t] = row.clone());
            for (int t = prefill; t < ids.length; t++) {
                rows[t] = session.decode(ids[t]).clone();
            }
        }
        return rows;
    }

    private static double distance(float[][] actual, double[][] expected) {
        double worst = 0;
        for (int t = 0; t < actual.length; t++) {
            for (int i = 0; i < actual[t].length; i++) {
                worst = Math.max(worst, Math.abs(actual[t][i] - expected[t][i]));
            }
        }
        return worst;
    }

    @ParameterizedTest
    @CsvSource({"4,1", "4,2", "3,3"})
    void equalsTheDefinitionInPrefillAndInDecode(int heads, int kvHeads) throws IOException {
        try (ModelBundle bundle = bundle(heads, kvHeads)) {
            double[][] expected = new ReferenceForward(bundle, 24).logits(prompt());
            assertThat(distance(logits(bundle, options(), 90), expected)).isLessThan(TOLERANCE);
            assertThat(distance(logits(bundle, options(), 1), expected)).isLessThan(TOLERANCE);
        }
    }

    /** The tolerance is fine enough to see one key too many or too few. */
    @ParameterizedTest
    @ValueSource(ints = {23, 25})
    void anotherWindowIsFarOutsideTheTolerance(int window) throws IOException {
        try (ModelBundle bundle = bundle(4, 2)) {
            double[][] wrong = new ReferenceForward(bundle, window).logits(prompt());
            assertThat(distance(logits(bundle, options(), 90), wrong))
                    .isGreaterThan(10 * TOLERANCE);
        }
    }

    @ParameterizedTest
    @EnumSource(Numerics.class)
    void bitsDoNotDependOnThreadsNorOnChunks(Numerics numerics) throws IOException {
        try (ModelBundle bundle = bundle(4, 2)) {
            DecoderOptions options = options().withNumerics(numerics);
            float[][] expected = logits(bundle, options, 80);
            for (int threads : new int[] {2, 5}) {
                assertThat(logits(bundle, options.withThreads(threads), 80))
                        .isDeepEqualTo(expected);
            }
            for (int chunk : new int[] {1, 7, 64}) {
                assertThat(logits(bundle, options.withPrefillChunk(chunk), 80))
                        .isDeepEqualTo(expected);
            }
        }
    }

    @Test
    void plainJavaAgreesWithTheVectorApi() throws IOException {
        try (ModelBundle bundle = bundle(4, 1)) {
            float[] expected = logits(bundle, options(), 90)[89];
            try (DecoderModel model = DecoderModel.load(bundle, options(), SimdProvider.scalar());
                    DecoderSession session = model.newSession()) {
                assertThat(session.prefill(prompt())).containsExactly(expected, within(1e-3f));
            }
        }
    }

    @Test
    void aCutSequenceContinuesAsIfItHadNeverBeenLonger() throws IOException {
        int[] ids = prompt();
        try (ModelBundle bundle = bundle(4, 2);
                DecoderModel model = DecoderModel.load(bundle, options().withPrefillChunk(16));
                DecoderSession session = model.newSession()) {
            session.prefill(Arrays.copyOf(ids, 60));
            float[] expected = session.decode(ids[60]).clone();
            try (DecoderSession fork = session.fork()) {
                fork.decode(ids[61]);
                assertThat(fork.truncate(60)).isTrue();
                assertThat(fork.decode(ids[60])).containsExactly(expected);
                assertThat(session.position()).isEqualTo(61);
            }
            session.prefill(Arrays.copyOfRange(ids, 61, 90));
            assertThat(session.truncate(30)).as("keys that the ring has overwritten").isFalse();
            assertThat(session.position()).isEqualTo(90);
        }
    }

    @Test
    void refusesWhatDoesNotFit() throws IOException {
        try (ModelBundle bundle = bundle(4, 2);
                DecoderModel model = DecoderModel.load(bundle, options().withMaxContext(8));
                DecoderSession session = model.newSession()) {
            assertThatThrownBy(() -> session.prefill(new int[9]))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("limit is 8");
            assertThatThrownBy(() -> session.decode(224))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("token 224");
            assertThatThrownBy(() -> session.prefill(new int[0]))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    /**
     * Session and kernels, on plain Java: what the Vector API boxes is C2's doing and shows in
     * {@code SimdBenchmark -prof gc}.
     */
    @Test
    void decodingAllocatesNothing() throws IOException {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (ModelBundle bundle = bundle(4, 2);
                DecoderModel model = DecoderModel.load(bundle, options(), SimdProvider.scalar());
                DecoderSession session = model.newSession()) {
            long least = Long.MAX_VALUE;
            // what happens once (a class loaded, the counter's own first call) spares some round
            for (int round = 0; round < 8; round++) {
                long before = threads.getCurrentThreadAllocatedBytes();
                for (int i = 0; i < 50; i++) {
                    session.decode(i);
                }
                least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
            }
            assertThat(least).as("bytes of 50 tokens").isZero();
        }
    }
}
