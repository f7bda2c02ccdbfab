package io.djlnpu.it;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * One forward pass of an exported decoder in ONNX Runtime, through its own Java API: with a cache
 * or without, in float32 or float16, with the embedding inside or in a graph of its own.
 */
final class OnnxRuntimeLogits implements AutoCloseable {

    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final OrtSession session;
    private final OrtSession embedding;
    private final int headDim;

    OnnxRuntimeLogits(Path model) throws OrtException {
        this(model, null, 0);
    }

    /**
     * Takes the graph that embeds as well, or null where the decoder does so itself, and the width
     * of a head, which some graphs leave open.
     */
    OnnxRuntimeLogits(Path model, Path embeddingModel, int headDim) throws OrtException {
        this.headDim = headDim;
        OrtSession.SessionOptions options = new OrtSession.SessionOptions();
        options.setIntraOpNumThreads(2);
        options.addConfigEntry("session.intra_op.allow_spinning", "0");
        session = environment.createSession(model.toString(), options);
        embedding =
                embeddingModel == null
                        ? null
                        : environment.createSession(embeddingModel.toString(), options);
    }

    /** Logits of every position, {@code [tokens][vocab]}. */
    float[][] run(int[] ids) throws OrtException {
        Map<String, OnnxTensor> inputs = new HashMap<>();
        try {
            for (Map.Entry<String, NodeInfo> input : session.getInputInfo().entrySet()) {
                inputs.put(
                        input.getKey(),
                        input(input.getKey(), (TensorInfo) input.getValue().getInfo(), ids));
            }
            try (OrtSession.Result result = session.run(inputs, Set.of("logits"))) {
                OnnxTensor logits = (OnnxTensor) result.get(0);
                FloatBuffer values = logits.getFloatBuffer();
                float[][] rows = new float[ids.length][(int) logits.getInfo().getShape()[2]];
                for (float[] row : rows) {
                    values.get(row);
                }
                return rows;
            }
        } finally {
            inputs.values().forEach(OnnxTensor::close);
        }
    }

    private OnnxTensor input(String name, TensorInfo info, int[] ids) throws OrtException {
        long[] shape = info.getShape();
        if (name.startsWith("past_key_values")) {
            long width = shape[3] < 0 ? headDim : shape[3];
            ByteBuffer empty = ByteBuffer.allocateDirect(0).order(ByteOrder.nativeOrder());
            return OnnxTensor.createTensor(
                    environment, empty, new long[] {1, shape[1], 0, width}, info.type);
        }
        if (name.equals("inputs_embeds")) {
            return embedded(ids, info.type);
        }
        if (name.equals("num_logits_to_keep")) {
            return OnnxTensor.createTensor(
                    environment, LongBuffer.wrap(new long[] {ids.length}), new long[0]);
        }
        return tokens(name, ids);
    }

    private OnnxTensor tokens(String name, int[] ids) throws OrtException {
        LongBuffer values = LongBuffer.allocate(ids.length);
        for (int i = 0; i < ids.length; i++) {
            values.put(name.equals("input_ids") ? ids[i] : name.equals("position_ids") ? i : 1);
        }
        return OnnxTensor.createTensor(environment, values.flip(), new long[] {1, ids.length});
    }

    /** The rows of the embedding graph, in the type that the decoder takes. */
    private OnnxTensor embedded(int[] ids, OnnxJavaType type) throws OrtException {
        String input = embedding.getInputNames().iterator().next();
        try (OnnxTensor tokens = tokens("input_ids", ids);
                OrtSession.Result result = embedding.run(Map.of(input, tokens))) {
            OnnxTensor rows = (OnnxTensor) result.get(0);
            FloatBuffer values = rows.getFloatBuffer();
            int bytes = type == OnnxJavaType.FLOAT16 ? 2 : 4;
            ByteBuffer copy =
                    ByteBuffer.allocateDirect(values.remaining() * bytes)
                            .order(ByteOrder.nativeOrder());
            while (values.hasRemaining()) {
                if (bytes == 2) {
                    copy.putShort(Float.floatToFloat16(values.get()));
                } else {
                    copy.putFloat(values.get());
                }
            }
            return OnnxTensor.createTensor(
                    environment, copy.flip(), rows.getInfo().getShape(), type);
        }
    }

    @Override
    public void close() throws OrtException {
        session.close();
        if (embedding != null) {
            embedding.close();
        }
    }
}
