package io.djlnpu.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.djlnpu.q4nx.Encoding;
import io.djlnpu.testing.TinyModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An importance on its way into a bundle; files that are refused stand in docs/attacks.md. */
class ImportanceTest {

    @TempDir Path folder;

    private final TinyModel model = new TinyModel();

    @Test
    void aFileHoldsWhatWasMeasured() throws Exception {
        Importance written = skewed(model.config());
        Path file = folder.resolve("importance.safetensors");
        written.write(file);
        Importance read = Importance.read(file, model.config());
        for (TensorLayout layout : TensorLayout.text(model.config())) {
            if (layout.quantized()) {
                assertThat(read.of(layout.name(), layout.columns()))
                        .isEqualTo(written.of(layout.name(), layout.columns()));
            }
        }
    }

    @Test
    void theWeightedErrorOfEveryMatrixFallsAndTheReportSaysSo() throws Exception {
        Importance importance = skewed(model.config());
        BundleOptions options = BundleOptions.defaults();
        BundleReport weighted =
                BundleWriter.write(
                        model, folder.resolve("weighted"), options.withImportance(importance));
        BundleReport plain = BundleWriter.write(model, folder.resolve("plain"), options);
        try (ModelBundle a = ModelBundle.open(folder.resolve("weighted"));
                ModelBundle b = ModelBundle.open(folder.resolve("plain"))) {
            for (int i = 0; i < plain.tensors().size(); i++) {
                BundleReport.Tensor before = plain.tensors().get(i);
                BundleReport.Tensor after = weighted.tensors().get(i);
                TensorLayout layout = TensorLayout.find(model.config(), before.name()).orElse(null);
                if (layout == null || !layout.quantized()) {
                    assertThat(after).isEqualTo(before);
                    continue;
                }
                float[] costs = importance.of(layout.name(), layout.columns());
                double reported = after.weightedRmse();
                assertThat(reported)
                        .as(layout.name())
                        .isCloseTo(error(a, layout, costs), within(1e-6))
                        .isLessThan(0.95 * error(b, layout, costs));
                assertThat(after.rmse()).isGreaterThanOrEqualTo(before.rmse());
                assertThat(before.weightedRmse()).isEqualTo(before.rmse());
            }
        }
    }

    @Test
    void minmaxKnowsNone() {
        BundleOptions minmax = BundleOptions.defaults().withEncoding(Encoding.MINMAX);
        Importance importance = skewed(model.config());
        assertThatThrownBy(() -> minmax.withImportance(importance))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("MINMAX");
    }

    @Test
    void anotherModelsImportanceLeavesNoBundle() {
        Importance other = new Importance();
        Path target = folder.resolve("bundle");
        BundleOptions options = BundleOptions.defaults().withImportance(other);
        assertThatThrownBy(() -> BundleWriter.write(model, target, options))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("another model");
        assertThat(Files.exists(target)).isFalse();
        assertThat(folder.toFile().list()).isEmpty();
    }

    private static org.assertj.core.data.Offset<Double> within(double distance) {
        return org.assertj.core.data.Offset.offset(distance);
    }

    /** Over every matrix's own rows and columns, as the report defines it. */
    private double error(ModelBundle bundle, TensorLayout layout, float[] importance)
            throws Exception {
        int columns = layout.columns();
        float[] stored = new float[layout.rows() * columns];
        float[] source = new float[stored.length];
        io.djlnpu.q4nx.Q4nxDecoder.decodeRows(
                bundle.matrix(layout.name()), 0, layout.rows(), stored);
        layout.matrix(model).readRows(0, layout.rows(), source);
        double squares = 0;
        double total = 0;
        for (int i = 0; i < stored.length; i++) {
            double difference = (double) stored[i] - source[i];
            squares += importance[i % columns] * difference * difference;
            total += importance[i % columns];
        }
        return Math.sqrt(squares / total);
    }

    static Importance skewed(DecoderSpec config) {
        Importance importance = new Importance();
        for (TensorLayout layout : TensorLayout.text(config)) {
            if (layout.quantized()) {
                Random random = new Random(layout.name().hashCode());
                float[] values = new float[layout.columns()];
                for (int i = 0; i < values.length; i++) {
                    values[i] = (float) Math.exp(2 * random.nextGaussian());
                }
                importance.put(layout.name(), values);
            }
        }
        return importance;
    }
}
