package io.djlnpu.onnx.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.djlnpu.bundle.BundleOptions;
import io.djlnpu.bundle.BundleWriter;
import io.djlnpu.bundle.ModelBundle;
import io.djlnpu.bundle.TensorLayout;
import io.djlnpu.bundle.WeightMatrix;
import io.djlnpu.numeric.Bfloat16;
import io.djlnpu.onnx.testing.Dialects;
import io.djlnpu.onnx.testing.Fixtures;
import io.djlnpu.onnx.testing.FloatWeights;
import io.djlnpu.q4nx.Encoding;
import io.djlnpu.q4nx.Q4nxDecoder;
import io.djlnpu.q4nx.Q4nxTensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What becomes of each dialect's weights in a bundle. */
class BundlesTest {

    @TempDir Path folder;

    static Stream<String> floats() {
        return Dialects.all().stream().filter(d -> d.matches(".*(fp32|fp16|plain|dynamo).*"));
    }

    static Stream<String> fourBits() {
        return Dialects.all().stream()
                .filter(d -> d.matches(".*(int4|_q4).*"))
                .filter(d -> !d.contains("_q4f16") || !d.contains("split"));
    }

    /** Besides half a step, the bfloat16 of scale and min and the source's own precision count. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("floats")
    void floatSourcesAreWithinHalfAStepOfTheCheckpoint(String dialect) throws IOException {
        double precision = dialect.contains("fp16") ? 1.0 / 2048 : 0;
        try (FloatWeights truth = FloatWeights.of(dialect);
                ModelBundle bundle = bundle(dialect)) {
            for (TensorLayout layout : TensorLayout.text(bundle.config())) {
                if (!layout.quantized()) {
                    continue;
                }
                Unpacked found = Unpacked.of(bundle.matrix(layout.name()));
                float[] expected = truth.vector(layout.name());
                for (int i = 0; i < expected.length; i++) {
                    double scale = found.scale(i);
                    double allowed =
                            scale / 2
                                    + (15 * scale + Math.abs(found.min(i))) / 256
                                    + precision * Math.abs(expected[i]);
                    assertClose(layout.name(), i, found.value(i), expected[i], allowed);
                }
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("fourBits")
    void fourBitSourcesAreCarriedOverExactly(String dialect) throws IOException {
        int carried = 0;
        int matrices = 0;
        try (OnnxDecoder model = OnnxDecoder.open(Fixtures.fixture(dialect));
                ModelBundle bundle = bundle(dialect)) {
            for (TensorLayout layout : TensorLayout.text(bundle.config())) {
                boolean own = model.names().contains(layout.name());
                if (!layout.quantized() || !own) {
                    continue;
                }
                matrices++;
                WeightMatrix source = model.matrix(layout.name());
                if (source.affine().isPresent()) {
                    carried++;
                    assertCarriedOver(layout, source, bundle.matrix(layout.name()));
                }
            }
        }
        boolean mixed = dialect.contains("kquant");
        assertThat(carried).isGreaterThanOrEqualTo(mixed ? matrices / 2 : matrices);
    }

    private static void assertCarriedOver(TensorLayout layout, WeightMatrix source, Q4nxTensor made)
            throws IOException {
        int rows = layout.rows();
        int groups = Math.ceilDiv(layout.columns(), 32);
        byte[] codes = new byte[rows * layout.columns()];
        float[] scales = new float[rows * groups];
        float[] mins = new float[rows * groups];
        source.affine().orElseThrow().readRows(0, rows, codes, scales, mins);
        Unpacked found = Unpacked.of(made);
        assertThat(found.codes).as(layout.name()).isEqualTo(codes);
        for (int i = 0; i < scales.length; i++) {
            scales[i] = Bfloat16.toFloat(Bfloat16.fromFloat(scales[i]));
            mins[i] = Bfloat16.toFloat(Bfloat16.fromFloat(mins[i]));
        }
        assertThat(found.scales).as("scales of " + layout.name()).isEqualTo(scales);
        assertThat(found.mins).as("mins of " + layout.name()).isEqualTo(mins);
        // the codes mean what the source's own numbers say
        float[] values = new float[codes.length];
        source.readRows(0, rows, values);
        for (int i = 0; i < values.length; i++) {
            double allowed = (15 * found.scale(i) + Math.abs(found.min(i))) / 256;
            assertClose(layout.name(), i, found.value(i), values[i], allowed);
        }
    }

    /** AssertJ itself is too slow for millions of elements. */
    private static void assertClose(
            String name, int element, float found, float expected, double allowed) {
        if (!(Math.abs(found - expected) <= allowed)) {
            fail("%s, element %d: %s, expected %s", name, element, found, expected);
        }
    }

    private ModelBundle bundle(String dialect) throws IOException {
        try (OnnxDecoder model = OnnxDecoder.open(Fixtures.fixture(dialect))) {
            Path target = folder.resolve("bundle");
            BundleWriter.write(
                    model, target, BundleOptions.defaults().withEncoding(Encoding.MINMAX));
            return ModelBundle.open(target);
        }
    }

    /** A matrix of a bundle, taken apart. */
    private record Unpacked(int columns, byte[] codes, float[] scales, float[] mins) {

        static Unpacked of(Q4nxTensor tensor) {
            int groups = tensor.rows() * Math.ceilDiv(tensor.columns(), 32);
            Unpacked unpacked =
                    new Unpacked(
                            tensor.columns(),
                            new byte[tensor.rows() * tensor.columns()],
                            new float[groups],
                            new float[groups]);
            Q4nxDecoder.unpackRows(
                    tensor, 0, tensor.rows(), unpacked.codes, unpacked.scales, unpacked.mins);
            return unpacked;
        }

        private int group(int element) {
            return element / columns * Math.ceilDiv(columns, 32) + element % columns / 32;
        }

        float scale(int element) {
            return scales[group(element)];
        }

        float min(int element) {
            return mins[group(element)];
        }

        float value(int element) {
            return scale(element) * codes[element] + min(element);
        }
    }
}
