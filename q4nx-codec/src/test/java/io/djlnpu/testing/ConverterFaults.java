package io.djlnpu.testing;

import io.djlnpu.bundle.BundleOptions;
import io.djlnpu.bundle.BundleWriter;
import io.djlnpu.bundle.Checksums;
import io.djlnpu.bundle.ModelBundle;
import io.djlnpu.bundle.TensorLayout;
import io.djlnpu.bundle.WeightMatrix;
import io.djlnpu.numeric.Float16;
import io.djlnpu.q4nx.Encoding;
import io.djlnpu.q4nx.Q4nxEncoder;
import io.djlnpu.q4nx.Q4nxFormat;
import io.djlnpu.safetensors.SafetensorsFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Map;

/** Bundles as FastFlowLM's converter writes them where it is wrong, and as it did long ago. */
public final class ConverterFaults {

    private static final TinyModel MODEL = new TinyModel();

    private ConverterFaults() {}

    /** Writes a sound bundle without checksums, so that nothing but the weights can tell. */
    public static Path bundle(Path target) throws IOException {
        Path tokenizer = Files.createTempFile("tokenizer", ".json");
        BundleWriter.write(
                MODEL,
                target,
                BundleOptions.defaults()
                        .withEncoding(Encoding.MINMAX)
                        .withCompanions(
                                Map.of(
                                        "tokenizer.json",
                                        tokenizer,
                                        "tokenizer_config.json",
                                        tokenizer)));
        Files.delete(tokenizer);
        Files.delete(target.resolve(Checksums.FILE));
        return target;
    }

    /** Q8_0: the low nibble of each int8 code, with the scale as min. */
    public static void lostHalves(Path bundle, String matrix) throws IOException {
        rewrite(
                bundle,
                matrix,
                (group, codes) -> {
                    float most = 0;
                    for (float w : group) {
                        most = Math.max(most, Math.abs(w));
                    }
                    float scale = Float16.round(most / 127);
                    for (int i = 0; i < group.length; i++) {
                        codes[i] = (byte) (Math.round(group[i] / scale) & 15);
                    }
                    return new float[] {scale, scale};
                });
    }

    /** Q4_0: codes -8 to 7 in two's complement, a scale of either sign, min 0. */
    public static void signedCodes(Path bundle, String matrix) throws IOException {
        rewrite(
                bundle,
                matrix,
                (group, codes) -> {
                    float extreme = 0;
                    for (float w : group) {
                        extreme = Math.abs(w) > Math.abs(extreme) ? w : extreme;
                    }
                    float scale = Float16.round(extreme / -8);
                    for (int i = 0; i < group.length; i++) {
                        int code = Math.min(15, (int) (group[i] / scale + 8.5f));
                        codes[i] = (byte) (code - 8 & 15);
                    }
                    return new float[] {scale, 0};
                });
    }

    /** A range beyond binary16: scale and min go through it and come out infinite. */
    public static void overflow(Path bundle, String matrix) throws IOException {
        rewrite(
                bundle,
                matrix,
                (group, codes) -> {
                    float low = Float16.round(group[0] * 1e7f);
                    return new float[] {Float16.round(Math.abs(group[1]) * 1e7f), low};
                });
    }

    /** Before 2026-08: dtype Q4NX and the logical shape. */
    public static void oldDataType(Path bundle) throws IOException {
        Path file = bundle.resolve(ModelBundle.WEIGHTS_FILE);
        byte[] bytes = Files.readAllBytes(file);
        int length = (int) ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
        String header = new String(bytes, 8, length, StandardCharsets.UTF_8);
        for (TensorLayout layout : TensorLayout.text(MODEL.config())) {
            if (layout.quantized()) {
                header =
                        header.replaceFirst(
                                "(\""
                                        + layout.name()
                                        + "\":.\"dtype\":)\"I8\",\"shape\":[^,]*,5120.",
                                "$1\"Q4NX\",\"shape\":[%d,%d]"
                                        .formatted(layout.rows(), layout.columns()));
            }
        }
        byte[] text = header.stripTrailing().getBytes(StandardCharsets.UTF_8);
        ByteBuffer old =
                ByteBuffer.allocate(8 + text.length + bytes.length - 8 - length)
                        .order(ByteOrder.LITTLE_ENDIAN);
        old.putLong(text.length).put(text).put(bytes, 8 + length, bytes.length - 8 - length);
        Files.write(file, old.array());
    }

    /** Codes one group and returns its scale and min. */
    private interface Group {
        float[] code(float[] weights, byte[] codes);
    }

    private static void rewrite(Path bundle, String matrix, Group group) throws IOException {
        TensorLayout layout = TensorLayout.find(MODEL.config(), matrix).orElseThrow();
        boolean head = matrix.equals(TensorLayout.HEAD);
        WeightMatrix source = MODEL.matrix(head ? TensorLayout.EMBEDDING : matrix);
        Path file = bundle.resolve(ModelBundle.WEIGHTS_FILE);
        long offset;
        try (SafetensorsFile container = SafetensorsFile.open(file)) {
            offset = container.tensor(matrix).offset();
        }
        int columns = layout.columns();
        byte[] blocks = new byte[(int) Q4nxFormat.byteLength(32, columns)];
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            for (int row = 0; row < layout.rows(); row += 32) {
                strip(source, row, group, blocks);
                channel.write(ByteBuffer.wrap(blocks), offset);
                offset += blocks.length;
            }
        }
    }

    private static void strip(WeightMatrix source, int row, Group group, byte[] blocks)
            throws IOException {
        int columns = source.columns();
        float[] weights = new float[32 * columns];
        byte[] codes = new byte[weights.length];
        float[] scales = new float[codes.length / 32];
        float[] mins = new float[scales.length];
        source.readRows(row, 32, weights);
        for (int g = 0; g < scales.length; g++) {
            byte[] coded = new byte[32];
            float[] pair = group.code(Arrays.copyOfRange(weights, 32 * g, 32 * g + 32), coded);
            System.arraycopy(coded, 0, codes, 32 * g, 32);
            scales[g] = pair[0];
            mins[g] = pair[1];
        }
        new Q4nxEncoder(Encoding.MINMAX).carryOver(codes, scales, mins, columns, blocks);
    }
}
