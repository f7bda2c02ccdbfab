package io.djlnpu.samples.peer;

import io.djlnpu.bundle.DecoderSpec;
import io.djlnpu.bundle.Family;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * A Gemma 3 of any shape as an ONNX graph with random 4-bit weights, operator by operator as
 * onnxruntime-genai's builder writes it with {@code int4_is_symmetric=false}: blocks of 32 with
 * zero points, which is Q4NX's 5 bits a weight; one matrix is embedding and head.
 */
final class RandomDecoder {

    private static final String ONNX = "";
    private static final String MICROSOFT = "com.microsoft";
    private static final long BLOCK = 32;
    private static final String HEAD = "lm_head.MatMul.weight";

    private final SplittableRandom random = new SplittableRandom(11);
    private final OnnxFileWriter file;
    private final DecoderSpec config;
    private final long hidden;
    private final float epsilon;

    private RandomDecoder(OnnxFileWriter file, DecoderSpec config) {
        this.file = file;
        this.config = config;
        hidden = config.hiddenSize();
        epsilon = config.rmsNormEpsilon();
    }

    /**
     * Writes {@code model.onnx}, its data and {@code config.json}, unless they are there.
     *
     * @param json the configuration
     * @param folder receives the files, whole or not at all
     */
    static void write(Path json, Path folder) throws IOException {
        if (Files.exists(folder)) {
            return;
        }
        Files.createDirectories(folder.getParent());
        Path making = Files.createTempDirectory(folder.getParent(), "making-");
        Files.copy(json, making.resolve("config.json"));
        try (OnnxFileWriter file = new OnnxFileWriter(making.resolve("model.onnx"), "gemma3")) {
            new RandomDecoder(file, Family.read(json)).decoder();
        }
        Files.move(making, folder, StandardCopyOption.ATOMIC_MOVE);
    }

    private void decoder() throws IOException {
        file.integerInput("input_ids", "batch", "sequence");
        file.integerInput("attention_mask", "batch", "total");
        file.output("logits", "batch", "sequence", config.vocabSize());
        for (int i = 0; i < config.layers(); i++) {
            for (String kind : new String[] {".key", ".value"}) {
                Object[] past = {"batch", config.kvHeads(), "past", config.headDim()};
                Object[] present = {"batch", config.kvHeads(), "total", config.headDim()};
                file.input("past_key_values." + i + kind, past);
                file.output("present." + i + kind, present);
            }
        }
        lengths();
        rotaryCache("global", config.attention().global().rope().theta());
        rotaryCache("local", config.attention().local().rope().theta());
        matrix(HEAD, hidden, config.vocabSize());
        String residual = embedding();
        String normed =
                file.node(
                        ONNX,
                        "SimplifiedLayerNormalization",
                        "layers.0.normed",
                        norm(),
                        residual,
                        ones("model.layers.0.input_layernorm.weight", hidden));
        for (int i = 0; i < config.layers(); i++) {
            boolean last = i == config.layers() - 1;
            String next =
                    "model.layers." + (i + 1) + (last ? ".final_norm" : ".input") + "_layernorm";
            String sum = "layers." + (i + 1) + ".residual";
            normed = layer(i, residual, normed, next + ".weight", last ? "" : sum);
            residual = sum;
        }
        product("logits", HEAD, normed, hidden, config.vocabSize());
    }

    /** Counts what the attention mask says, as GroupQueryAttention wants it. */
    private void lengths() {
        file.integers("one", 1);
        file.node(ONNX, "Shape", "mask_shape", Map.of(), "attention_mask");
        file.node(ONNX, "Gather", "total", Map.of("axis", 0L), "mask_shape", "one");
        file.node(ONNX, "Cast", "total_length", Map.of("to", 6L), "total");
        file.node(ONNX, "ReduceSum", "ones", Map.of("keepdims", 0L), "attention_mask", "one");
        file.node(ONNX, "Sub", "newest", Map.of(), "ones", "one");
        file.node(ONNX, "Cast", "newest_position", Map.of("to", 6L), "newest");
    }

    private void rotaryCache(String name, double theta) throws IOException {
        int positions = config.maxPositions();
        int half = config.headDim() / 2;
        float[] cosines = new float[positions * half];
        float[] sines = new float[positions * half];
        for (int p = 0; p < positions; p++) {
            for (int i = 0; i < half; i++) {
                double angle = p / Math.pow(theta, (double) i / half);
                cosines[p * half + i] = (float) Math.cos(angle);
                sines[p * half + i] = (float) Math.sin(angle);
            }
        }
        file.weight("cos_cache_" + name, cosines, positions, half);
        file.weight("sin_cache_" + name, sines, positions, half);
    }

    private String embedding() throws IOException {
        file.integers("table_shape", config.vocabSize(), hidden / 2);
        file.integers("points_shape", config.vocabSize(), pointBytes(hidden));
        file.node(ONNX, "Reshape", "table", Map.of(), HEAD + "_Q4G32", "table_shape");
        file.node(ONNX, "Reshape", "table_points", Map.of(), HEAD + "_zp", "points_shape");
        String rows =
                file.node(
                        MICROSOFT,
                        "GatherBlockQuantized",
                        "embedded",
                        Map.of(
                                "bits",
                                4L,
                                "block_size",
                                BLOCK,
                                "gather_axis",
                                0L,
                                "quantize_axis",
                                1L),
                        "table",
                        "input_ids",
                        HEAD + "_scale",
                        "table_points");
        file.weight("embedding_scale", new float[] {(float) Math.sqrt(hidden)}, 1);
        return file.node(ONNX, "Mul", "layers.0.residual", Map.of(), rows, "embedding_scale");
    }

    /**
     * Returns the normed input of what follows; the sum before it is stored under the name given.
     */
    private String layer(int i, String residual, String normed, String nextNorm, String sum)
            throws IOException {
        String weights = "model.layers." + i + ".";
        String at = "layers." + i + ".";
        String attended = attention(i, weights, at, normed);
        String before = at + "before_mlp";
        normed =
                addAndNorm(
                        at + "attention",
                        residual,
                        attended,
                        weights + "post_attention_layernorm.weight",
                        weights + "pre_feedforward_layernorm.weight",
                        before);
        String gate = projection(at + "gate", weights + "mlp.gate_proj", normed, hidden, inner());
        String up = projection(at + "up", weights + "mlp.up_proj", normed, hidden, inner());
        String activated =
                file.node(ONNX, "Gelu", at + "gelu", Map.of("approximate", "tanh"), gate);
        String gated = file.node(ONNX, "Mul", at + "gated", Map.of(), activated, up);
        String down = projection(at + "down", weights + "mlp.down_proj", gated, inner(), hidden);
        return addAndNorm(
                at + "mlp",
                before,
                down,
                weights + "post_feedforward_layernorm.weight",
                nextNorm,
                sum);
    }

    private long inner() {
        return config.intermediateSize();
    }

    private String attention(int i, String weights, String at, String normed) throws IOException {
        long queries = config.queryWidth();
        long keys = config.keyValueWidth();
        String all =
                projection(
                        at + "qkv", weights + "attn.qkv_proj", normed, hidden, queries + 2 * keys);
        file.integers(at + "widths", queries, keys, keys);
        file.node(
                ONNX,
                "Split",
                List.of(at + "q", at + "k", at + "v"),
                Map.of("axis", -1L),
                all,
                at + "widths");
        String query = headNorm(at + "q", weights + "attn.q_norm", queries);
        String key = headNorm(at + "k", weights + "attn.k_norm", keys);
        boolean local = config.isLocal(i);
        String kind = local ? "local" : "global";
        String heads =
                file.node(
                        MICROSOFT,
                        "GroupQueryAttention",
                        List.of(
                                at + "attended",
                                "present." + i + ".key",
                                "present." + i + ".value"),
                        Map.of(
                                "num_heads",
                                (long) config.heads(),
                                "kv_num_heads",
                                (long) config.kvHeads(),
                                "scale",
                                config.attentionScale(),
                                "local_window_size",
                                local ? (long) config.slidingWindow() : -1L,
                                "do_rotary",
                                1L,
                                "rotary_interleaved",
                                0L),
                        query,
                        key,
                        at + "v",
                        "past_key_values." + i + ".key",
                        "past_key_values." + i + ".value",
                        "newest_position",
                        "total_length",
                        "cos_cache_" + kind,
                        "sin_cache_" + kind);
        return projection(at + "output", weights + "attn.o_proj", heads, queries, hidden);
    }

    private String headNorm(String x, String weights, long width) throws IOException {
        file.integers(x + ".heads", 0, -1, config.headDim());
        file.integers(x + ".row", 0, -1, width);
        String heads = file.node(ONNX, "Reshape", x + ".split", Map.of(), x, x + ".heads");
        String normed =
                file.node(
                        ONNX,
                        "SimplifiedLayerNormalization",
                        x + ".normed",
                        norm(),
                        heads,
                        ones(weights + ".layernorm.weight", config.headDim()));
        return file.node(ONNX, "Reshape", x + ".joined", Map.of(), normed, x + ".row");
    }

    /** Norm of what a block gave, the sum with the residual stream, and the norm of that. */
    private String addAndNorm(
            String at, String residual, String x, String after, String before, String sum)
            throws IOException {
        String normed =
                file.node(
                        ONNX,
                        "SimplifiedLayerNormalization",
                        at + ".post",
                        norm(),
                        x,
                        ones(after, hidden));
        List<String> outputs =
                sum.isEmpty() ? List.of(at + ".normed") : List.of(at + ".normed", "", "", sum);
        return file.node(
                MICROSOFT,
                "SkipSimplifiedLayerNormalization",
                outputs,
                Map.of("epsilon", epsilon),
                residual,
                normed,
                ones(before, hidden));
    }

    private Map<String, Object> norm() {
        return Map.of("epsilon", epsilon, "axis", -1L, "stash_type", 1L);
    }

    private String ones(String name, long width) throws IOException {
        float[] values = new float[Math.toIntExact(width)];
        Arrays.fill(values, 1);
        return file.weight(name, values, width);
    }

    private String projection(String output, String weights, String x, long columns, long rows)
            throws IOException {
        matrix(weights + ".MatMul.weight", columns, rows);
        return product(output, weights + ".MatMul.weight", x, columns, rows);
    }

    private String product(String output, String weights, String x, long columns, long rows) {
        return file.node(
                MICROSOFT,
                "MatMulNBits",
                output,
                Map.of(
                        "K",
                        columns,
                        "N",
                        rows,
                        "bits",
                        4L,
                        "block_size",
                        BLOCK,
                        MatMulAccuracy.ATTRIBUTE,
                        MatMulAccuracy.AS_EXPORTED),
                x,
                weights + "_Q4G32",
                weights + "_scale",
                weights + "_zp");
    }

    private static long pointBytes(long columns) {
        return Math.ceilDiv(columns / BLOCK, 2);
    }

    /** Random codes around random zero points, scaled so that activations keep their size. */
    private void matrix(String name, long columns, long rows) throws IOException {
        long blocks = columns / BLOCK;
        byte[] codes = new byte[Math.toIntExact(rows * columns / 2)];
        random.nextBytes(codes);
        file.codes(name + "_Q4G32", codes, rows, blocks, BLOCK / 2);
        float[] scales = new float[Math.toIntExact(rows * blocks)];
        // codes are spread evenly over 16 values: standard deviation 4.6
        float scale = (float) (1 / (4.6 * Math.sqrt(columns)));
        for (int i = 0; i < scales.length; i++) {
            // of five bits, so that times a zero point it is a bf16 and Q4NX holds the same weights
            int bits = Float.floatToRawIntBits(scale * (0.5f + random.nextFloat()));
            scales[i] = Float.intBitsToFloat(bits & 0xfff80000);
        }
        file.weight(name + "_scale", scales, rows, blocks);
        byte[] points = new byte[Math.toIntExact(rows * pointBytes(columns))];
        for (int i = 0; i < points.length; i++) {
            points[i] = (byte) (random.nextInt(7, 9) << 4 | random.nextInt(7, 9));
        }
        file.codes(name + "_zp", points, rows, pointBytes(columns));
    }
}
