package io.djlnpu.it;

import io.djlnpu.bundle.DecoderSpec;
import io.djlnpu.bundle.ModelBundle;
import io.djlnpu.bundle.TensorLayout;
import io.djlnpu.onnx.OnnxAttribute;
import io.djlnpu.onnx.OnnxModel;
import io.djlnpu.onnx.OnnxNode;
import io.djlnpu.onnx.OnnxTensor;
import io.djlnpu.onnx.decoder.OnnxDecoder;
import io.djlnpu.q4nx.Q4nxDecoder;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Writes other weights into a copy of a model's float32 ONNX file, so that ONNX Runtime computes
 * with the very weights that a bundle or another export has. Initializers are recognised by what
 * they hold.
 */
final class DequantizedOnnx {

    /** What exporters get wrong about the linear factor, see the importer's warnings. */
    enum RopeFault {
        NONE,
        LOCAL_SCALED,
        GLOBAL_UNSCALED
    }

    private static final int NEEDLE = 64;

    private final byte[] file;
    private final OnnxModel graph;

    private DequantizedOnnx(byte[] file, OnnxModel graph) {
        this.file = file;
        this.graph = graph;
    }

    /** What is to stand in the place of a weight. */
    interface Weights {
        float[] values(TensorLayout layout) throws IOException;
    }

    static void write(Path source, ModelBundle bundle, Path target) throws IOException {
        write(source, layout -> decoded(bundle, layout), bundle.config(), RopeFault.NONE, target);
    }

    static void write(
            Path source, Weights weights, DecoderSpec config, RopeFault fault, Path target)
            throws IOException {
        Path onnx = source.resolve("model.onnx");
        try (OnnxDecoder before = OnnxDecoder.open(source);
                OnnxModel graph = OnnxModel.open(onnx)) {
            DequantizedOnnx patch = new DequantizedOnnx(Files.readAllBytes(onnx), graph);
            for (TensorLayout layout : TensorLayout.text(config)) {
                patch.replace(layout, matrix(before, layout), weights.values(layout));
            }
            patch.scaleAngles(config, fault);
            Files.write(target, patch.file);
        }
    }

    /** The weights of an import as they are; a tied head is the table. */
    static float[] imported(OnnxDecoder model, TensorLayout layout) throws IOException {
        return matrix(model, layout);
    }

    private static float[] matrix(OnnxDecoder model, TensorLayout layout) throws IOException {
        boolean tied =
                layout.name().equals(TensorLayout.HEAD) && !model.names().contains(layout.name());
        return model.vector(tied ? TensorLayout.EMBEDDING : layout.name());
    }

    private static float[] decoded(ModelBundle bundle, TensorLayout layout) throws IOException {
        if (layout.quantized()) {
            float[] values = new float[layout.rows() * layout.columns()];
            Q4nxDecoder.decodeRows(bundle.matrix(layout.name()), 0, layout.rows(), values);
            return values;
        }
        float[] values = bundle.vector(layout.name());
        if (layout.name().equals(TensorLayout.EMBEDDING)
                && bundle.config().style().scaledEmbedding()) {
            float root = (float) Math.sqrt(bundle.config().hiddenSize());
            for (int i = 0; i < values.length; i++) {
                values[i] /= root;
            }
        }
        return values;
    }

    private void replace(TensorLayout layout, float[] before, float[] after) throws IOException {
        if (layout.rows() == 1 || layout.name().equals(TensorLayout.EMBEDDING)) {
            put(before, after, layout.name());
        } else {
            put(transpose(before, layout), transpose(after, layout), layout.name());
        }
    }

    /** Gives the graph the angles of an exporter that scales the wrong layers. */
    private void scaleAngles(DecoderSpec config, RopeFault fault) throws IOException {
        if (fault == RopeFault.NONE) {
            return;
        }
        int found = 0;
        for (OnnxNode node : graph.graph().nodes()) {
            OnnxAttribute value = node.attributes().get("value");
            if (value != null && value.tensor() != null) {
                found += scaleAngles(value.tensor(), config, fault) ? 1 : 0;
            }
        }
        for (OnnxTensor tensor : graph.graph().initializers().values()) {
            found += scaleAngles(tensor, config, fault) ? 1 : 0;
        }
        if (found == 0) {
            throw new IOException("no frequencies of rotary embeddings in the graph");
        }
    }

    private boolean scaleAngles(OnnxTensor tensor, DecoderSpec config, RopeFault fault)
            throws IOException {
        if (tensor.elements() != config.headDim() / 2) {
            return false;
        }
        float[] frequencies = tensor.floats();
        double factor = config.attention().global().rope().linearFactor();
        boolean local = fault == RopeFault.LOCAL_SCALED && frequencies[0] == 1;
        boolean global =
                fault == RopeFault.GLOBAL_UNSCALED && frequencies[0] == (float) (1 / factor);
        if (!local && !global) {
            return false;
        }
        int offset = offsetOf(tensor.bytes());
        for (int i = 0; i < frequencies.length; i++) {
            frequencies[i] *= (float) (global ? factor : 1 / factor);
        }
        byte[] scaled = bytes(frequencies, frequencies.length);
        System.arraycopy(scaled, 0, file, offset, scaled.length);
        return true;
    }

    private static float[] transpose(float[] matrix, TensorLayout layout) {
        float[] result = new float[matrix.length];
        for (int r = 0; r < layout.rows(); r++) {
            for (int c = 0; c < layout.columns(); c++) {
                result[c * layout.rows() + r] = matrix[r * layout.columns() + c];
            }
        }
        return result;
    }

    private void put(float[] before, float[] after, String name) throws IOException {
        byte[] needle = bytes(before, Math.min(before.length, NEEDLE));
        byte[] replacement = bytes(after, after.length);
        boolean found = false;
        for (OnnxTensor tensor : graph.graph().initializers().values()) {
            if (tensor.elements() == before.length && holds(tensor.bytes(), needle)) {
                System.arraycopy(
                        replacement, 0, file, offsetOf(tensor.bytes()), replacement.length);
                found = true;
            }
        }
        if (!found) {
            throw new IOException("no initializer holds '" + name + "'");
        }
    }

    private static boolean holds(MemorySegment data, byte[] needle) {
        return data.byteSize() >= needle.length
                && data.asSlice(0, needle.length).mismatch(MemorySegment.ofArray(needle)) == -1;
    }

    /**
     * Where a tensor's bytes stand in the file: what the file holds there is what the tensor holds.
     */
    private int offsetOf(MemorySegment data) throws IOException {
        byte[] wanted = data.toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
        for (int i = 0; i + wanted.length <= file.length; i++) {
            if (file[i] == wanted[0]
                    && Arrays.equals(file, i, i + wanted.length, wanted, 0, wanted.length)) {
                return i;
            }
        }
        throw new IOException("a tensor of " + wanted.length + " bytes is not in the file");
    }

    private static byte[] bytes(float[] values, int count) {
        ByteBuffer buffer = ByteBuffer.allocate(4 * count).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            buffer.putFloat(values[i]);
        }
        return buffer.array();
    }
}
