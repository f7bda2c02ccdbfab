package io.djlnpu.it;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** One forward pass of an exported decoder in ONNX Runtime, through its own Java API. */
final class OnnxRuntimeLogits implements AutoCloseable {

    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final OrtSession session;

    OnnxRuntimeLogits(Path model) throws OrtException {
        OrtSession.SessionOptions options = new OrtSession.SessionOptions();
        options.setIntraOpNumThreads(2);
        session = environment.createSession(model.toString(), options);
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
            try (OrtSession.Result result = session.run(inputs, java.util.Set.of("logits"))) {
                return ((float[][][]) result.get(0).getValue())[0];
            }
        } finally {
            inputs.values().forEach(OnnxTensor::close);
        }
    }

    private OnnxTensor input(String name, TensorInfo info, int[] ids) throws OrtException {
        if (name.startsWith("past_key_values")) {
            long[] shape = info.getShape();
            return OnnxTensor.createTensor(
                    environment, FloatBuffer.allocate(0), new long[] {1, shape[1], 0, shape[3]});
        }
        LongBuffer values = LongBuffer.allocate(ids.length);
        for (int i = 0; i < ids.length; i++) {
            values.put(name.equals("input_ids") ? ids[i] : name.equals("position_ids") ? i : 1);
        }
        return OnnxTensor.createTensor(environment, values.flip(), new long[] {1, ids.length});
    }

    @Override
    public void close() throws OrtException {
        session.close();
    }
}
