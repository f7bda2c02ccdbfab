package io.djlnpu.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.djlnpu.bundle.BundleOptions;
import io.djlnpu.bundle.BundleWriter;
import io.djlnpu.bundle.ModelBundle;
import io.djlnpu.bundle.TensorLayout;
import io.djlnpu.bundle.WeightMatrix;
import io.djlnpu.onnx.gemma3.Gemma3OnnxModel;
import io.djlnpu.q4nx.Encoding;
import io.djlnpu.q4nx.Q4nxDecoder;
import io.djlnpu.q4nx.Q4nxEncoder;
import io.djlnpu.q4nx.Q4nxFormat;
import io.djlnpu.q4nx.Q4nxTensor;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From real ONNX files to Q4NX: the converter's bytes with minmax, less error with the search. */
class Q4nxEncodingIT {

    /** Rows of the table that say enough about it. */
    private static final int MAX_ROWS = 4096;

    @TempDir Path folder;

    @Test
    void minmaxFromOnnxIsTheConvertersBundle() throws Exception {
        Path onnx = Fixtures.require("storyteller/onnx/optimum-fp32");
        Path golden = Fixtures.require("q4nx/storyteller-f32-requant/model.q4nx");
        Path bundle = folder.resolve("bundle");
        try (Gemma3OnnxModel model = Gemma3OnnxModel.open(onnx)) {
            BundleWriter.write(
                    model, bundle, BundleOptions.defaults().withEncoding(Encoding.MINMAX));
        }
        assertThat(bundle.resolve(ModelBundle.WEIGHTS_FILE)).hasSameBinaryContentAs(golden);
    }

    @Test
    void searchBeatsTheConverterOnTheStoryteller() throws Exception {
        searchBeatsTheConverter(Fixtures.require("storyteller/onnx/optimum-fp32"));
    }

    /** These weights were 4-bit once; the search finds most of the old grid again. */
    @Test
    void searchBeatsTheConverterOnTheReal270m() throws Exception {
        searchBeatsTheConverter(Fixtures.requireRealModel("genai-int4"));
    }

    private static void searchBeatsTheConverter(Path onnx) throws IOException {
        double ratios = 0;
        int matrices = 0;
        try (Gemma3OnnxModel model = Gemma3OnnxModel.open(onnx)) {
            for (TensorLayout layout : TensorLayout.text(model.config())) {
                String name = layout.name();
                if (name.equals(TensorLayout.EMBEDDING)
                        || name.matches("model.layers.[036]\\..*_proj.*")) {
                    WeightMatrix matrix = model.matrix(name);
                    double minmax = squaredError(matrix, Encoding.MINMAX);
                    double search = squaredError(matrix, Encoding.SEARCH);
                    assertThat(search).as(name).isLessThanOrEqualTo(minmax);
                    ratios += Math.sqrt(search / minmax);
                    matrices++;
                }
            }
        }
        System.out.printf(
                "%s: search / minmax RMSE %.4f over %d matrices%n",
                onnx.getFileName(), ratios / matrices, matrices);
        assertThat(ratios / matrices).isLessThanOrEqualTo(0.9);
    }

    private static double squaredError(WeightMatrix matrix, Encoding encoding) throws IOException {
        int columns = matrix.columns();
        float[] weights = new float[32 * columns];
        float[] decoded = new float[32 * columns];
        byte[] blocks = new byte[(int) Q4nxFormat.byteLength(32, columns)];
        Q4nxEncoder encoder = new Q4nxEncoder(encoding);
        double sum = 0;
        for (int row = 0; row < Math.min(MAX_ROWS, matrix.rows()); row += 32) {
            matrix.readRows(row, 32, weights);
            encoder.encode(weights, columns, blocks);
            MemorySegment data = MemorySegment.ofArray(blocks);
            Q4nxDecoder.decodeRows(new Q4nxTensor("strip", 32, columns, data), 0, 32, decoded);
            for (int i = 0; i < weights.length; i++) {
                double difference = (double) decoded[i] - weights[i];
                sum += difference * difference;
            }
        }
        return sum;
    }
}
