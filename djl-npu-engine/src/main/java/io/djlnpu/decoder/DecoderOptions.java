package io.djlnpu.decoder;

import io.djlnpu.tile.NpuDevice;

/**
 * How a model is run.
 *
 * @param numerics what kernels exchange
 * @param threads host threads
 * @param maxContext the longest sequence in tokens; 0 for the model's own limit
 * @param prefillChunk tokens that go through the layers together
 * @param device the NPU that plans are made for
 * @param weights where the host reads weights from
 */
public record DecoderOptions(
        Numerics numerics,
        int threads,
        int maxContext,
        int prefillChunk,
        NpuDevice device,
        WeightLayout weights) {

    /** Checks the numbers. */
    public DecoderOptions {
        if (threads < 1 || maxContext < 0 || prefillChunk < 1) {
            throw new IllegalArgumentException(
                    "threads "
                            + threads
                            + ", maxContext "
                            + maxContext
                            + ", prefillChunk "
                            + prefillChunk
                            + "; expected at least 1, 0 and 1");
        }
    }

    /**
     * Returns the defaults: bf16, all cores, the model's context, chunks of 256 tokens, Krackan.
     *
     * @return the defaults
     */
    public static DecoderOptions defaults() {
        int cores = Runtime.getRuntime().availableProcessors();
        return new DecoderOptions(
                Numerics.BF16, cores, 0, 256, NpuDevice.KRACKAN, WeightLayout.AUTO);
    }

    /**
     * Returns these options with other numerics.
     *
     * @param other what kernels exchange
     * @return new options
     */
    public DecoderOptions withNumerics(Numerics other) {
        return new DecoderOptions(other, threads, maxContext, prefillChunk, device, weights);
    }

    /**
     * Returns these options with another number of threads.
     *
     * @param count host threads
     * @return new options
     */
    public DecoderOptions withThreads(int count) {
        return new DecoderOptions(numerics, count, maxContext, prefillChunk, device, weights);
    }

    /**
     * Returns these options with another limit.
     *
     * @param tokens the longest sequence
     * @return new options
     */
    public DecoderOptions withMaxContext(int tokens) {
        return new DecoderOptions(numerics, threads, tokens, prefillChunk, device, weights);
    }

    /**
     * Returns these options with another chunk.
     *
     * @param tokens tokens that go through the layers together
     * @return new options
     */
    public DecoderOptions withPrefillChunk(int tokens) {
        return new DecoderOptions(numerics, threads, maxContext, tokens, device, weights);
    }

    /**
     * Returns these options with weights read from elsewhere.
     *
     * @param layout where the host reads weights from
     * @return new options
     */
    public DecoderOptions withWeights(WeightLayout layout) {
        return new DecoderOptions(numerics, threads, maxContext, prefillChunk, device, layout);
    }
}
