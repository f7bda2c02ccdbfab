package io.djlnpu.onnx.decoder;

import static io.djlnpu.onnx.testing.Onnx.TENSOR_RAW;
import static io.djlnpu.onnx.testing.Onnx.TENSOR_TYPE;
import static org.assertj.core.api.Assertions.assertThat;

import io.djlnpu.bundle.BundleOptions;
import io.djlnpu.bundle.BundleWriter;
import io.djlnpu.bundle.DecoderSpec;
import io.djlnpu.bundle.Family;
import io.djlnpu.bundle.ModelBundle;
import io.djlnpu.bundle.VisionLayout;
import io.djlnpu.onnx.testing.EditableModel;
import io.djlnpu.onnx.testing.Fixtures;
import io.djlnpu.onnx.testing.FloatWeights;
import io.djlnpu.onnx.testing.ProtoMessage;
import io.djlnpu.onnx.testing.VisionGraphs;
import io.djlnpu.safetensors.SafetensorsFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The vision file that a split repository becomes, beside the one of FastFlowLM's converter. */
class VisionGoldenTest {

    private static final int FLOAT = 1;
    private static final int FLOAT16 = 10;

    private static final String SPLIT = "micro/onnx/split/onnx/";
    private static final String GOLDEN = "q4nx/micro-vision-bf16/model.q4nx";

    @TempDir Path folder;

    /** No fixture has the tower in float32, so float16 weights are put back to what they were. */
    @Test
    void float32WeightsBecomeTheConvertersBytes() throws IOException {
        Map<ByteBuffer, byte[]> originals = originals();
        int[] restored = {0};
        EditableModel tower =
                EditableModel.read(Fixtures.fixture(SPLIT + "vision_encoder_fp16.onnx"))
                        .editTensors(
                                tensor -> {
                                    byte[] original = originals.get(key(tensor));
                                    restored[0] += original == null ? 0 : 1;
                                    return original == null ? tensor : widened(tensor, original);
                                });
        Path bundle = converted(tower.bytes());
        assertThat(restored[0]).isEqualTo(VisionLayout.list(config()).size());
        assertThat(bundle.resolve(ModelBundle.VISION_FILE))
                .hasSameBinaryContentAs(Fixtures.fixture(GOLDEN));
    }

    /** The converter reads the projector as float16 too; all else it reads in float32. */
    @Test
    void float16WeightsBecomeTheConvertersProjector() throws IOException {
        Path source = Fixtures.fixture(SPLIT + "vision_encoder_fp16.onnx");
        Path bundle = converted(Files.readAllBytes(source));
        try (SafetensorsFile golden = SafetensorsFile.open(Fixtures.fixture(GOLDEN));
                SafetensorsFile found =
                        SafetensorsFile.open(bundle.resolve(ModelBundle.VISION_FILE))) {
            assertThat(found.tensors()).isEqualTo(golden.tensors());
            assertThat(
                            found.segment(VisionLayout.PROJECTOR)
                                    .mismatch(golden.segment(VisionLayout.PROJECTOR)))
                    .isEqualTo(-1);
        }
        try (ModelBundle open = ModelBundle.open(bundle)) {
            assertThat(open.config().vision()).isEqualTo(config().vision());
        }
    }

    private Path converted(byte[] tower) throws IOException {
        for (String file : new String[] {"decoder_model_merged_q4f16", "embed_tokens_q4f16"}) {
            for (String end : new String[] {".onnx", ".onnx_data"}) {
                Files.copy(Fixtures.fixture(SPLIT + file + end), folder.resolve(file + end));
            }
        }
        Files.write(folder.resolve("vision_encoder.onnx"), tower);
        Files.copy(Fixtures.fixture("micro/onnx/split/config.json"), folder.resolve("config.json"));
        Path bundle = folder.resolve("bundle");
        try (OnnxDecoder model = OnnxDecoder.open(folder)) {
            BundleWriter.write(model, bundle, BundleOptions.defaults());
        }
        return bundle;
    }

    private static DecoderSpec config() throws IOException {
        return Family.read(Fixtures.fixture(VisionGraphs.CHECKPOINT).resolve("config.json"));
    }

    /** From each tensor's float16 bytes, as it is and transposed, to its float32 bytes. */
    private static Map<ByteBuffer, byte[]> originals() throws IOException {
        Map<ByteBuffer, byte[]> originals = new HashMap<>();
        try (FloatWeights checkpoint = FloatWeights.of(SPLIT)) {
            for (VisionLayout layout : VisionLayout.list(config())) {
                float[] values = checkpoint.vector(layout.name());
                put(originals, values);
                if (layout.tiled()) {
                    put(originals, transposed(values, layout.shape().get(0)));
                }
            }
        }
        return originals;
    }

    private static void put(Map<ByteBuffer, byte[]> originals, float[] values) {
        ByteBuffer half = ByteBuffer.allocate(2 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer single = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            half.putShort(Float.floatToFloat16(value));
            single.putFloat(value);
        }
        originals.put(half.flip(), single.array());
    }

    private static float[] transposed(float[] values, int rows) {
        int columns = values.length / rows;
        float[] turned = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            turned[i % columns * rows + i / columns] = values[i];
        }
        return turned;
    }

    private static ByteBuffer key(ProtoMessage tensor) {
        byte[] raw = tensor.raw(TENSOR_RAW);
        boolean half = tensor.integer(TENSOR_TYPE) == FLOAT16 && raw != null;
        return ByteBuffer.wrap(half ? raw : new byte[0]);
    }

    private static ProtoMessage widened(ProtoMessage tensor, byte[] original) {
        return tensor.remove(TENSOR_TYPE)
                .add(TENSOR_TYPE, FLOAT)
                .remove(TENSOR_RAW)
                .add(TENSOR_RAW, original);
    }
}
