package io.djlnpu.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.djlnpu.bundle.BundleOptions;
import io.djlnpu.bundle.BundleWriter;
import io.djlnpu.bundle.Importance;
import io.djlnpu.bundle.ModelBundle;
import io.djlnpu.bundle.TensorLayout;
import io.djlnpu.bundle.WeightMatrix;
import io.djlnpu.decoder.DecoderModel;
import io.djlnpu.decoder.DecoderOptions;
import io.djlnpu.decoder.DecoderSession;
import io.djlnpu.generate.Calibration;
import io.djlnpu.generate.TextWindow;
import io.djlnpu.numeric.Bfloat16;
import io.djlnpu.onnx.OnnxModel;
import io.djlnpu.onnx.OnnxNode;
import io.djlnpu.onnx.OnnxTensor;
import io.djlnpu.onnx.decoder.OnnxDecoder;
import io.djlnpu.q4nx.Encoding;
import io.djlnpu.q4nx.Q4nxDecoder;
import io.djlnpu.q4nx.Q4nxEncoder;
import io.djlnpu.q4nx.Q4nxFormat;
import io.djlnpu.q4nx.Q4nxTensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
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
        try (OnnxDecoder model = OnnxDecoder.open(onnx)) {
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
        try (OnnxDecoder model = OnnxDecoder.open(onnx)) {
            for (TensorLayout layout : TensorLayout.text(model.config())) {
                String name = layout.name();
                if (name.equals(TensorLayout.EMBEDDING)
                        || name.matches("model.layers.[036]\\..*_proj.*")) {
                    WeightMatrix matrix = model.matrix(name);
                    double minmax = squaredError(matrix, Encoding.MINMAX, null, null);
                    double search = squaredError(matrix, Encoding.SEARCH, null, null);
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

    /** Measured on what the model itself says, never on the text that it is judged by. */
    @Test
    void importanceLowersTheErrorThatCounts() throws Exception {
        Path onnx = Fixtures.require("storyteller/onnx/optimum-fp32");
        Path bundle = folder.resolve("bundle");
        double ratios = 0;
        int matrices = 0;
        try (OnnxDecoder source = OnnxDecoder.open(onnx)) {
            BundleWriter.write(source, bundle, BundleOptions.defaults());
            Importance importance = measure(bundle);
            for (TensorLayout layout : TensorLayout.text(source.config())) {
                if (!layout.quantized() || layout.name().equals(TensorLayout.HEAD)) {
                    continue;
                }
                WeightMatrix matrix = source.matrix(layout.name());
                float[] costs = importance.of(layout.name(), layout.columns());
                double plain = squaredError(matrix, Encoding.SEARCH, null, costs);
                double guided = squaredError(matrix, Encoding.SEARCH, costs, costs);
                assertThat(guided).as(layout.name()).isLessThan(plain);
                ratios += Math.sqrt(guided / plain);
                matrices++;
            }
        }
        System.out.printf(
                "weighted RMSE with importance / without %.4f over %d matrices%n",
                ratios / matrices, matrices);
        assertThat(ratios / matrices).isLessThan(0.99);
    }

    private static Importance measure(Path bundle) throws IOException {
        try (ModelBundle open = ModelBundle.open(bundle);
                DecoderModel model = DecoderModel.load(open, DecoderOptions.defaults());
                DecoderSession session = model.newSession()) {
            int[] ids = new int[256];
            ids[0] = 2;
            float[] logits = session.prefill(new int[] {2});
            for (int i = 1; i < ids.length; i++) {
                ids[i] = largest(logits);
                logits = session.decode(ids[i]);
            }
            return Calibration.measure(model, TextWindow.cut(ids, ids.length), done -> {});
        }
    }

    private static int largest(float[] logits) {
        int best = 0;
        for (int i = 1; i < logits.length; i++) {
            best = logits[i] > logits[best] ? i : best;
        }
        return best;
    }

    /**
     * Block 32 of ONNX is the converter's Q4_1, code by code, with min = -8 scales; a negative
     * scale is mirrored, as Q4_1 has none.
     */
    @Test
    void aSourceOf4BitsIsCarriedOverToTheByte() throws Exception {
        Path onnx = Fixtures.require("micro/onnx/genai-int4");
        Path target = folder.resolve("bundle");
        Set<ByteBuffer> expected = new HashSet<>();
        try (OnnxModel raw = OnnxModel.open(onnx.resolve("model.onnx"))) {
            Map<String, OnnxTensor> constants = raw.graph().initializers();
            for (OnnxNode node : raw.graph().nodes()) {
                if (node.operator().equals("MatMulNBits")) {
                    assertThat(node.integer("block_size", 0)).isEqualTo(32);
                    assertThat(node.inputs()).as("symmetric").hasSize(3);
                    expected.add(
                            packed(
                                    (int) node.integer("N", 0),
                                    (int) node.integer("K", 0),
                                    constants.get(node.input(1)).bytes(),
                                    constants.get(node.input(2)).floats()));
                }
            }
        }
        try (OnnxDecoder model = OnnxDecoder.open(onnx)) {
            BundleWriter.write(model, target, BundleOptions.defaults());
        }
        Set<ByteBuffer> found = new HashSet<>();
        try (ModelBundle bundle = ModelBundle.open(target)) {
            for (TensorLayout layout : TensorLayout.text(bundle.config())) {
                if (layout.quantized()) {
                    found.add(bytes(bundle, layout.name()));
                }
            }
            for (int i = 0; i < bundle.config().layers(); i++) {
                // this exporter stacks query, key and value; strips of rows follow each other
                String prefix = "model.layers." + i + ".self_attn.";
                found.add(
                        bytes(
                                bundle,
                                prefix + "q_proj.weight",
                                prefix + "k_proj.weight",
                                prefix + "v_proj.weight"));
            }
        }
        assertThat(expected).isNotEmpty();
        assertThat(found.containsAll(expected)).isTrue();
    }

    private static ByteBuffer bytes(ModelBundle bundle, String... names) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (String name : names) {
            all.write(bundle.matrix(name).data().toArray(ValueLayout.JAVA_BYTE));
        }
        return ByteBuffer.wrap(all.toByteArray());
    }

    /** As the format's page says, from MatMulNBits' [rows, blocks, 16 bytes]. */
    private static ByteBuffer packed(int rows, int columns, MemorySegment codes, float[] scales) {
        ByteBuffer bytes =
                ByteBuffer.allocate((int) Q4nxFormat.byteLength(rows, columns))
                        .order(ByteOrder.LITTLE_ENDIAN);
        int groups = Math.ceilDiv(columns, 32);
        int columnBlocks = Math.ceilDiv(columns, 256);
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                int block = 5120 * (row / 32 * columnBlocks + column / 256);
                int r = row % 32;
                int c = column % 256;
                float source = scales[row * groups + column / 32];
                boolean mirrored = source < 0;
                short scale = Bfloat16.fromFloat(Math.abs(source));
                short min = Bfloat16.fromFloat(source * (mirrored ? 7 : -8));
                bytes.putShort(block + 2 * (c / 32 * 32 + r), scale);
                bytes.putShort(block + 512 + 2 * (c / 32 * 32 + r), min);
                long nibble = (long) (row * groups + column / 32) * 16 + column % 32 / 2;
                int code = codes.get(ValueLayout.JAVA_BYTE, nibble) >> 4 * (column & 1) & 15;
                code = mirrored ? 15 - code : code;
                int at = block + 1024 + r / 16 * 2048 + 8 * c + r % 16 / 2;
                bytes.put(at, (byte) (bytes.get(at) | code << 4 * (r & 1)));
            }
        }
        return bytes;
    }

    /** Encoded for some costs (null: all equal), judged by others. */
    private static double squaredError(
            WeightMatrix matrix, Encoding encoding, float[] guide, float[] costs)
            throws IOException {
        int columns = matrix.columns();
        float[] weights = new float[32 * columns];
        float[] decoded = new float[32 * columns];
        byte[] blocks = new byte[(int) Q4nxFormat.byteLength(32, columns)];
        Q4nxEncoder encoder = new Q4nxEncoder(encoding);
        double sum = 0;
        for (int row = 0; row < Math.min(MAX_ROWS, matrix.rows()); row += 32) {
            matrix.readRows(row, 32, weights);
            encoder.encode(weights, columns, guide, blocks);
            MemorySegment data = MemorySegment.ofArray(blocks);
            Q4nxDecoder.decodeRows(new Q4nxTensor("strip", 32, columns, data), 0, 32, decoded);
            for (int i = 0; i < weights.length; i++) {
                double difference = (double) decoded[i] - weights[i];
                sum += (costs == null ? 1 : costs[i % columns]) * difference * difference;
            }
        }
        return sum;
    }
}
