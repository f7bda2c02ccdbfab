package io.djlnpu.it;

import io.djlnpu.bundle.ModelBundle;
import io.djlnpu.bundle.TensorLayout;
import io.djlnpu.bundle.WeightMatrix;
import io.djlnpu.onnx.OnnxModel;
import io.djlnpu.onnx.OnnxTensor;
import io.djlnpu.onnx.gemma3.Gemma3OnnxModel;
import io.djlnpu.q4nx.Q4nxDecoder;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Writes a bundle's dequantised weights back into a copy of the float32 ONNX file that it was made
 * from, so that ONNX Runtime computes with the very weights that the engine has. Initializers are
 * recognised by what they hold.
 */
final class DequantizedOnnx {

    private static final int NEEDLE = 64;

    private final byte[] file;
    private final OnnxModel graph;

    private DequantizedOnnx(byte[] file, OnnxModel graph) {
        this.file = file;
        this.graph = graph;
    }

    static void write(Path source, ModelBundle bundle, Path target) throws IOException {
        Path onnx = source.resolve("model.onnx");
        try (Gemma3OnnxModel weights = Gemma3OnnxModel.open(source);
                OnnxModel graph = OnnxModel.open(onnx)) {
            DequantizedOnnx patch = new DequantizedOnnx(Files.readAllBytes(onnx), graph);
            for (TensorLayout layout : TensorLayout.text(bundle.config())) {
                patch.replace(layout, weights, bundle);
            }
            Files.write(target, patch.file);
        }
    }

    private void replace(TensorLayout layout, Gemma3OnnxModel weights, ModelBundle bundle)
            throws IOException {
        String name = layout.name();
        if (layout.rows() == 1) {
            put(weights.vector(name), bundle.vector(name), name);
            return;
        }
        boolean tied = name.equals(TensorLayout.HEAD) && !weights.names().contains(name);
        WeightMatrix matrix = weights.matrix(tied ? TensorLayout.EMBEDDING : name);
        float[] before = new float[layout.rows() * layout.columns()];
        matrix.readRows(0, layout.rows(), before);
        float[] after;
        if (layout.quantized()) {
            after = new float[before.length];
            Q4nxDecoder.decodeRows(bundle.matrix(name), 0, layout.rows(), after);
        } else {
            after = bundle.vector(name);
            float root = (float) Math.sqrt(bundle.config().hiddenSize());
            for (int i = 0; i < after.length; i++) {
                after[i] /= root;
            }
        }
        if (name.equals(TensorLayout.EMBEDDING)) {
            put(before, after, name);
        } else {
            put(transpose(before, layout), transpose(after, layout), name);
        }
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
