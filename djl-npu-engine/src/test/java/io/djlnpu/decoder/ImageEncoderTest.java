package io.djlnpu.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.djlnpu.bundle.BundleOptions;
import io.djlnpu.bundle.BundleWriter;
import io.djlnpu.bundle.ModelBundle;
import io.djlnpu.simd.SimdProvider;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A tower of awkward sizes: 144 patches, 3 heads of 20, MLP 70, squares of 2 x 2. */
class ImageEncoderTest {

    @TempDir private Path folder;
    private ModelBundle bundle;
    private final float[] pixels = new float[3 * 36 * 36];

    @BeforeEach
    void write() throws IOException {
        BundleWriter.write(
                SyntheticModel.seeing(4, 2), folder.resolve("b"), BundleOptions.defaults());
        bundle = ModelBundle.open(folder.resolve("b"));
        Random random = new Random(1);
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = random.nextFloat() * 2 - 1;
        }
    }

    @AfterEach
    void close() {
        bundle.close();
    }

    private float[] features(Numerics numerics, int threads, SimdProvider simd) throws IOException {
        DecoderOptions options =
                DecoderOptions.defaults().withThreads(threads).withNumerics(numerics);
        try (DecoderModel model = DecoderModel.load(bundle, options, simd)) {
            ImageEncoder encoder = model.imageEncoder().orElseThrow();
            assertThat(encoder.tokens()).isEqualTo(36);
            assertThat(encoder.imageSize()).isEqualTo(36);
            float[] first = encoder.encode(pixels);
            encoder.encode(new float[pixels.length]);
            assertThat(encoder.encode(pixels)).as("after another image").containsExactly(first);
            return first;
        }
    }

    private double distance(float[] features) throws IOException {
        double[][] expected = new ReferenceTower(bundle.vision()).features(pixels);
        double worst = 0;
        double largest = 0;
        for (int t = 0; t < expected.length; t++) {
            for (int i = 0; i < expected[t].length; i++) {
                double actual = features[t * expected[t].length + i];
                worst = Math.max(worst, Math.abs(actual - expected[t][i]));
                largest = Math.max(largest, Math.abs(expected[t][i]));
            }
        }
        return worst / largest;
    }

    @Test
    void equalsTheDefinition() throws IOException {
        SimdProvider best = SimdProvider.best();
        assertThat(distance(features(Numerics.FLOAT32, 1, best))).isLessThan(1e-5);
        assertThat(distance(features(Numerics.FLOAT32, 1, SimdProvider.scalar()))).isLessThan(1e-5);
        assertThat(distance(features(Numerics.BF16, 1, best))).isBetween(1e-5, 5e-2);
    }

    @ParameterizedTest
    @EnumSource(Numerics.class)
    void bitsDoNotDependOnThreads(Numerics numerics) throws IOException {
        SimdProvider best = SimdProvider.best();
        float[] expected = features(numerics, 1, best);
        assertThat(features(numerics, 3, best)).containsExactly(expected);
    }

    @Test
    void refusesAnotherSize() throws IOException {
        try (DecoderModel model = DecoderModel.load(bundle, DecoderOptions.defaults())) {
            ImageEncoder encoder = model.imageEncoder().orElseThrow();
            assertThatThrownBy(() -> encoder.encode(new float[3 * 35 * 36]))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("expected 3 x 36 x 36");
        }
    }

    @Test
    void aModelOfTextHasNone() throws IOException {
        Path blind = folder.resolve("blind");
        BundleWriter.write(SyntheticModel.of(4, 2), blind, BundleOptions.defaults());
        try (ModelBundle text = ModelBundle.open(blind);
                DecoderModel model = DecoderModel.load(text, DecoderOptions.defaults())) {
            assertThat(model.imageEncoder()).isEmpty();
        }
    }
}
