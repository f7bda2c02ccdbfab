package io.djlnpu.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.djlnpu.format.ModelFormatException;
import io.djlnpu.q4nx.Encoding;
import io.djlnpu.q4nx.Q4nxDecoder;
import io.djlnpu.q4nx.Q4nxTensor;
import io.djlnpu.testing.Fixtures;
import io.djlnpu.testing.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BundleWriterTest {

    @TempDir Path folder;

    @Test
    void writesTheConvertersBytesForFloatWeights() throws Exception {
        Path checkpoint = Fixtures.require("micro/checkpoint");
        Path golden = Fixtures.require("q4nx/micro-f32-requant/model.q4nx");
        Path target = folder.resolve("bundle");
        try (SafetensorsCheckpoint weights = SafetensorsCheckpoint.open(checkpoint)) {
            BundleWriter.write(
                    weights, target, BundleOptions.defaults().withEncoding(Encoding.MINMAX));
        }
        assertThat(Files.mismatch(target.resolve(ModelBundle.WEIGHTS_FILE), golden)).isEqualTo(-1);
        Path vision = Fixtures.require("q4nx/micro-vision-bf16/model.q4nx");
        assertThat(Files.mismatch(target.resolve(ModelBundle.VISION_FILE), vision)).isEqualTo(-1);
        try (ModelBundle bundle = ModelBundle.open(target);
                SafetensorsCheckpoint weights = SafetensorsCheckpoint.open(checkpoint)) {
            assertThat(bundle.config()).isEqualTo(weights.config());
        }
    }

    /** The head has rows of zeros behind those of the vocabulary, which a rewrite leaves out. */
    @Test
    void aVocabularyThatIsNoMultipleOf32IsPadded() throws Exception {
        DecoderWeights source = new TinyModel(70);
        BundleOptions options = BundleOptions.defaults().withEncoding(Encoding.MINMAX);
        BundleWriter.write(source, folder.resolve("a"), options);
        try (ModelBundle bundle = ModelBundle.open(folder.resolve("a"))) {
            assertThat(bundle.config().vocabSize()).isEqualTo(70);
            Q4nxTensor head = bundle.matrix(TensorLayout.HEAD);
            assertThat(head.rows()).isEqualTo(96);
            float[] padding = new float[26 * head.columns()];
            Q4nxDecoder.decodeRows(head, 70, 26, padding);
            assertThat(padding).containsOnly(0);
            BundleWriter.write(new BundleWeights(bundle), folder.resolve("b"), options);
            assertThat(
                            BundleComparison.compare(bundle, source).stream()
                                    .mapToDouble(BundleComparison.TensorError::rmse))
                    .allMatch(rmse -> rmse < 0.01);
        }
        assertThat(
                        Files.mismatch(
                                folder.resolve("a").resolve(ModelBundle.WEIGHTS_FILE),
                                folder.resolve("b").resolve(ModelBundle.WEIGHTS_FILE)))
                .isEqualTo(-1);
        assertThat(Verifier.verify(folder.resolve("a"))).allMatch(Verifier.Problem::warning);
    }

    @Test
    void searchIsNeverWorseThanTheConverter() throws Exception {
        Path checkpoint = Fixtures.require("micro/checkpoint");
        BundleReport minmax;
        BundleReport search;
        try (SafetensorsCheckpoint weights = SafetensorsCheckpoint.open(checkpoint)) {
            BundleOptions options = BundleOptions.defaults();
            minmax =
                    BundleWriter.write(
                            weights, folder.resolve("a"), options.withEncoding(Encoding.MINMAX));
            search =
                    BundleWriter.write(
                            weights, folder.resolve("b"), options.withEncoding(Encoding.SEARCH));
        }
        double ratio = 0;
        int matrices = 0;
        for (int i = 0; i < minmax.tensors().size(); i++) {
            double before = minmax.tensors().get(i).rmse();
            double after = search.tensors().get(i).rmse();
            assertThat(after).isLessThanOrEqualTo(before);
            if (after < before) {
                ratio += after / before;
                matrices++;
            }
        }
        assertThat(ratio / matrices).isLessThan(0.9);
    }

    @Test
    void refusesToOverwriteAndLeavesNothingBehind() throws Exception {
        Path checkpoint = Fixtures.require("micro/checkpoint");
        Path target = Files.createDirectory(folder.resolve("bundle"));
        try (SafetensorsCheckpoint weights = SafetensorsCheckpoint.open(checkpoint)) {
            assertThatThrownBy(() -> BundleWriter.write(weights, target, BundleOptions.defaults()))
                    .isInstanceOfSatisfying(
                            ModelFormatException.class,
                            e ->
                                    assertThat(e.code())
                                            .isEqualTo(ModelFormatException.Code.TARGET_EXISTS));
        }
        assertThat(folder).isDirectoryContaining(p -> p.equals(target));
        assertThat(folder.toFile().list()).hasSize(1);
    }

    @Test
    void asksForAFewRowsAtATimeHoweverManyThereAre() throws Exception {
        TinyModel model = new TinyModel(1 << 16);
        AtomicInteger mostValues = new AtomicInteger();
        DecoderWeights watched =
                new DecoderWeights() {
                    @Override
                    public DecoderSpec config() {
                        return model.config().withoutVision();
                    }

                    @Override
                    public Set<String> names() {
                        return model.names();
                    }

                    @Override
                    public float[] vector(String name) {
                        return model.vector(name);
                    }

                    @Override
                    public WeightMatrix matrix(String name) {
                        return watch(model.matrix(name), mostValues);
                    }
                };
        BundleWriter.write(
                watched,
                folder.resolve("bundle"),
                BundleOptions.defaults().withEncoding(Encoding.MINMAX));
        assertThat(mostValues.get()).isPositive().isLessThanOrEqualTo(1 << 20);
    }

    private static WeightMatrix watch(WeightMatrix matrix, AtomicInteger mostValues) {
        return new WeightMatrix() {
            @Override
            public int rows() {
                return matrix.rows();
            }

            @Override
            public int columns() {
                return matrix.columns();
            }

            @Override
            public void readRows(int firstRow, int rowCount, float[] destination)
                    throws IOException {
                mostValues.accumulateAndGet(destination.length, Math::max);
                matrix.readRows(firstRow, rowCount, destination);
            }
        };
    }
}
