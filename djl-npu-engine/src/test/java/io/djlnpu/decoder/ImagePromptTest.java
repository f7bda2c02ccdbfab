package io.djlnpu.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.djlnpu.bundle.BundleOptions;
import io.djlnpu.bundle.BundleWriter;
import io.djlnpu.bundle.ModelBundle;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Prompts with images, against double precision and against themselves cut otherwise. */
class ImagePromptTest {

    private static final double TOLERANCE = 1e-3;
    private static final int WINDOW = 24;
    private static final int HIDDEN = 96;

    /** The first image is longer than the window, the second shorter, the third stands alone. */
    private static final List<ImageSpan> IMAGES =
            List.of(image(13, 36), image(70, 11), image(150, 1));

    @TempDir private Path folder;
    private ModelBundle bundle;

    @BeforeEach
    void write() throws IOException {
        BundleWriter.write(
                SyntheticModel.seeing(4, 2), folder.resolve("b"), BundleOptions.defaults());
        bundle = ModelBundle.open(folder.resolve("b"));
    }

    @AfterEach
    void close() {
        bundle.close();
    }

    private static ImageSpan image(int start, int length) {
        Random random = new Random(start);
        float[] features = new float[length * HIDDEN];
        for (int i = 0; i < features.length; i++) {
            features[i] = (float) random.nextGaussian();
        }
        return new ImageSpan(start, length, features);
    }

    /** Where images are, the ids are none of the vocabulary's. */
    private static int[] prompt() {
        int[] ids = new Random(5).ints(170, 0, 224).toArray();
        IMAGES.forEach(image -> Arrays.fill(ids, image.start(), image.end(), 262144));
        return ids;
    }

    private static DecoderOptions options() {
        return DecoderOptions.defaults().withThreads(1).withNumerics(Numerics.FLOAT32);
    }

    private float[][] logits(DecoderOptions options, int... cuts) {
        int[] ids = prompt();
        float[][] rows = new float[ids.length][];
        try (DecoderModel model = load(options);
                DecoderSession session = model.newSession()) {
            int from = 0;
            for (int i = 0; i <= cuts.length; i++) {
                int start = from;
                int end = i < cuts.length ? cuts[i] : 160;
                session.prefillAll(
                        Arrays.copyOfRange(ids, start, end),
                        between(start, end),
                        (t, row) -> rows[start + t] = row.clone());
                from = end;
            }
            for (int t = 160; t < ids.length; t++) {
                rows[t] = session.decode(ids[t]).clone();
            }
        }
        return rows;
    }

    private DecoderModel load(DecoderOptions options) {
        try {
            return DecoderModel.load(bundle, options);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static List<ImageSpan> between(int start, int end) {
        return IMAGES.stream()
                .filter(image -> image.start() >= start && image.end() <= end)
                .map(i -> new ImageSpan(i.start() - start, i.length(), i.features()))
                .toList();
    }

    private double[][] reference(List<ImageSpan> images) throws IOException {
        int[] ids = prompt();
        for (ImageSpan image : IMAGES) {
            Arrays.fill(ids, image.start(), image.end(), 0);
        }
        return new ReferenceForward(bundle, WINDOW).logits(ids, images);
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

    @Test
    void equalsTheDefinitionInPrefillAndInTheTokensThatFollow() throws IOException {
        double[][] expected = reference(IMAGES);
        assertThat(distance(logits(options()), expected)).isLessThan(TOLERANCE);
        assertThat(distance(logits(options().withPrefillChunk(16)), expected))
                .isLessThan(TOLERANCE);
    }

    /** The tolerance is fine enough to see one key of an image too few. */
    @Test
    void anotherImageEndIsFarOutsideTheTolerance() throws IOException {
        ImageSpan first = IMAGES.get(0);
        double[][] wrong =
                reference(
                        List.of(
                                new ImageSpan(
                                        first.start(),
                                        first.length() - 1,
                                        Arrays.copyOf(first.features(), 35 * HIDDEN)),
                                new ImageSpan(
                                        first.end() - 1,
                                        1,
                                        Arrays.copyOfRange(
                                                first.features(), 35 * HIDDEN, 36 * HIDDEN)),
                                IMAGES.get(1),
                                IMAGES.get(2)));
        assertThat(distance(logits(options()), wrong)).isGreaterThan(10 * TOLERANCE);
    }

    @ParameterizedTest
    @EnumSource(Numerics.class)
    void bitsDoNotDependOnThreadsNorOnChunks(Numerics numerics) {
        DecoderOptions options = options().withNumerics(numerics);
        float[][] expected = logits(options);
        assertThat(logits(options.withThreads(3))).isDeepEqualTo(expected);
        for (int chunk : new int[] {1, 7, 20, 40, 64}) {
            assertThat(logits(options.withPrefillChunk(chunk))).isDeepEqualTo(expected);
        }
        assertThat(logits(options.withPrefillChunk(20), 13, 60, 81)).isDeepEqualTo(expected);
    }

    @Test
    void refusesImagesThatDoNotFit() {
        int[] ids = new int[60];
        try (DecoderModel model = load(options().withPrefillChunk(8));
                DecoderSession session = model.newSession()) {
            assertThatThrownBy(() -> session.prefill(ids, List.of(image(30, 31))))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("30 to 61 of a prompt of 60");
            assertThatThrownBy(() -> session.prefill(ids, List.of(image(20, 11), image(30, 4))))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("behind token 31");
            assertThatThrownBy(() -> session.prefill(ids, List.of(image(2, 37))))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("takes 36 at most");
            ImageSpan narrow = new ImageSpan(0, 4, new float[4 * 95]);
            assertThatThrownBy(() -> session.prefill(ids, List.of(narrow)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("expected 4 rows of 96");
            assertThat(session.position()).isZero();
        }
    }
}
