package io.djlnpu.samples.peer;

import ai.onnxruntime.OrtException;

/** ONNX Runtime through its own Java API; the caches stay ONNX Runtime's tensors. */
final class OnnxRuntimeContestant implements Contestant {

    private final String name;
    private final OnnxRuntimeDecoder decoder;

    OnnxRuntimeContestant(String name, OnnxRuntimeDecoder decoder) {
        this.name = name;
        this.decoder = decoder;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int prefill(int[] prompt) throws OrtException {
        decoder.reset();
        return decoder.forward(prompt).greedy();
    }

    @Override
    public int decode(int token) throws OrtException {
        return decoder.forward(token).greedy();
    }

    @Override
    public void close() {
        try {
            decoder.close();
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }
}
