package io.djlnpu.samples.peer;

import ai.djl.engine.Engine;
import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxTensorLike;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A decoder with a key/value cache, run by ONNX Runtime on the CPU. Takes every graph that reads
 * {@code input_ids} and writes {@code logits}; feeds {@code attention_mask}, {@code position_ids}
 * and {@code past_key_values.*} where the graph has them.
 *
 * <p>Not safe for use by several threads.
 */
public final class OnnxRuntimeDecoder implements AutoCloseable {

    private static final String PAST = "past_key_values";
    private static final String PRESENT = "present";

    private final OrtEnvironment environment = environment();
    private final OrtSession session;
    private final Map<String, OnnxTensor> cache = new HashMap<>();
    private final int kvHeads;
    private final int headDim;
    private OrtSession.Result last;
    private int length;

    /**
     * Loads a graph.
     *
     * @param onnx the file; external data lies beside it
     * @param kvHeads key/value heads, for caches whose shape the graph leaves open
     * @param headDim width of one head, likewise
     * @param threads threads inside one operator
     * @throws OrtException if ONNX Runtime refuses the graph
     */
    public OnnxRuntimeDecoder(Path onnx, int kvHeads, int headDim, int threads)
            throws OrtException {
        this.kvHeads = kvHeads;
        this.headDim = headDim;
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(threads);
            options.setInterOpNumThreads(1);
            session = LargeStack.call(() -> environment.createSession(onnx.toString(), options));
        }
        if (!session.getInputNames().contains("input_ids")
                || !session.getOutputNames().contains("logits")) {
            session.close();
            throw new OrtException(
                    onnx.getFileName()
                            + ": no graph from 'input_ids' to 'logits', cannot run alone");
        }
        reset();
    }

    /**
     * Forgets the sequence.
     *
     * @throws OrtException never in practice; the empty caches are ONNX Runtime's tensors
     */
    public void reset() throws OrtException {
        release();
        length = 0;
        for (Map.Entry<String, NodeInfo> input : session.getInputInfo().entrySet()) {
            if (input.getKey().startsWith(PAST)) {
                cache.put(input.getKey(), empty((TensorInfo) input.getValue().getInfo()));
            }
        }
    }

    /**
     * Appends tokens to the sequence.
     *
     * @param ids the tokens
     * @return logits {@code [positions, vocab]}, row-major; some graphs compute the last position
     *     only
     * @throws OrtException if the run fails
     */
    public Logits forward(int... ids) throws OrtException {
        Map<String, OnnxTensorLike> inputs = new LinkedHashMap<>(cache);
        int before = length;
        length += ids.length;
        try (OnnxTensor tokens = longs(ids.length, i -> ids[i]);
                OnnxTensor mask = longs(length, i -> 1);
                OnnxTensor positions = longs(ids.length, i -> before + i)) {
            inputs.put("input_ids", tokens);
            putIfAsked(inputs, "attention_mask", mask);
            putIfAsked(inputs, "position_ids", positions);
            OrtSession.Result result = session.run(inputs);
            release();
            last = result;
        }
        for (Map.Entry<String, OnnxValue> output : last) {
            if (output.getKey().startsWith(PRESENT)) {
                cache.put(
                        PAST + output.getKey().substring(PRESENT.length()),
                        (OnnxTensor) output.getValue());
            }
        }
        OnnxTensor logits = (OnnxTensor) last.get("logits").orElseThrow();
        long[] shape = logits.getInfo().getShape();
        return new Logits(
                logits.getFloatBuffer(),
                Math.toIntExact(shape[shape.length - 2]),
                Math.toIntExact(shape[shape.length - 1]));
    }

    /**
     * Logits of one call.
     *
     * @param values {@code [positions, vocab]}, row-major
     * @param positions how many positions the graph computed
     * @param vocab logits per position
     */
    public record Logits(FloatBuffer values, int positions, int vocab) {

        /**
         * Copies one row.
         *
         * @param position from 0
         * @return its logits
         */
        public float[] row(int position) {
            float[] row = new float[vocab];
            values.get(position * vocab, row);
            return row;
        }

        /**
         * Returns the best token after the last position.
         *
         * @return its id, the lowest of equals
         */
        public int greedy() {
            int offset = (positions - 1) * vocab;
            int best = 0;
            for (int i = 1; i < vocab; i++) {
                if (values.get(offset + i) > values.get(offset + best)) {
                    best = i;
                }
            }
            return best;
        }
    }

    @Override
    public void close() throws OrtException {
        release();
        session.close();
    }

    /** A process has one environment, and DJL's engine fails if it is not the one to make it. */
    static OrtEnvironment environment() {
        try {
            return LargeStack.call(
                    () -> {
                        Engine.getEngine("OnnxRuntime");
                        return OrtEnvironment.getEnvironment();
                    });
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }

    private void putIfAsked(Map<String, OnnxTensorLike> inputs, String name, OnnxTensor tensor) {
        if (session.getInputNames().contains(name)) {
            inputs.put(name, tensor);
        }
    }

    private OnnxTensor longs(int count, java.util.function.IntToLongFunction value)
            throws OrtException {
        LongBuffer buffer = LongBuffer.allocate(count);
        for (int i = 0; i < count; i++) {
            buffer.put(i, value.applyAsLong(i));
        }
        return OnnxTensor.createTensor(environment, buffer, new long[] {1, count});
    }

    /** A cache of no tokens: {@code [1, kvHeads, 0, headDim]} in the type that the graph wants. */
    private OnnxTensor empty(TensorInfo info) throws OrtException {
        long[] shape = {1, kvHeads, 0, headDim};
        ByteBuffer nothing = ByteBuffer.allocateDirect(0);
        return info.type == OnnxJavaType.FLOAT
                ? OnnxTensor.createTensor(environment, FloatBuffer.allocate(0), shape)
                : OnnxTensor.createTensor(environment, nothing, shape, info.type);
    }

    /** The caches after a run belong to its result; the empty ones before the first are ours. */
    private void release() {
        if (last != null) {
            last.close();
            last = null;
        } else {
            cache.values().forEach(OnnxTensor::close);
        }
        cache.clear();
    }
}
