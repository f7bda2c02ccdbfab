package io.djlnpu.decoder;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.djlnpu.bundle.EmbeddingHead;
import io.djlnpu.kernel.FloatWeights;
import io.djlnpu.kernel.KernelContext;
import io.djlnpu.kernel.Projection;
import io.djlnpu.kernel.TiledMatmul;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** From a text's hidden states to its vector: pooled, through the dense layers, of length 1. */
final class EmbeddingOutput {

    /** Vectors that go through a dense layer together. */
    private static final int BATCH = 32;

    private final EmbeddingHead head;
    private final List<Dense> dense = new ArrayList<>();

    EmbeddingOutput(KernelContext context, EmbeddingHead head, List<FloatWeights> weights) {
        this.head = head;
        int widest = weights.stream().mapToInt(FloatWeights::columns).max().orElse(0);
        MemorySegment packed = context.floats(TiledMatmul.packedLength(BATCH, widest));
        MemorySegment[] sums = new MemorySegment[context.threads()];
        for (int i = 0; i < sums.length; i++) {
            sums[i] = context.floats(TiledMatmul.sumsLength(BATCH));
        }
        weights.forEach(matrix -> dense.add(new Dense(context, packed, sums, matrix)));
    }

    /** Pools {@code [tokens, hidden]}. */
    float[] pool(float[] states, int hidden) {
        int last = states.length - hidden;
        return switch (head.pooling()) {
            case MEAN -> mean(states, hidden);
            case LAST_TOKEN -> Arrays.copyOfRange(states, last, states.length);
        };
    }

    private static float[] mean(float[] states, int hidden) {
        double[] sums = new double[hidden];
        for (int i = 0; i < states.length; i++) {
            sums[i % hidden] += states[i];
        }
        float[] mean = new float[hidden];
        for (int i = 0; i < hidden; i++) {
            mean[i] = (float) (sums[i] * hidden / states.length);
        }
        return mean;
    }

    /** Takes pooled vectors through the dense layers. */
    List<float[]> finish(List<float[]> pooled) {
        List<float[]> vectors = new ArrayList<>();
        for (int from = 0; from < pooled.size(); from += BATCH) {
            List<float[]> batch = pooled.subList(from, Math.min(pooled.size(), from + BATCH));
            for (Dense layer : dense) {
                batch = layer.multiply(batch);
            }
            vectors.addAll(batch);
        }
        if (head.normalise()) {
            vectors.replaceAll(vector -> shortened(vector, vector.length));
        }
        return vectors;
    }

    /** The first numbers of a vector, given length 1; zeros stay zeros. */
    static float[] shortened(float[] vector, int width) {
        double squares = 0;
        for (int i = 0; i < width; i++) {
            squares += (double) vector[i] * vector[i];
        }
        double factor = squares == 0 ? 0 : 1 / Math.sqrt(squares);
        float[] result = new float[width];
        for (int i = 0; i < width; i++) {
            result[i] = (float) (vector[i] * factor);
        }
        return result;
    }

    /** A linear layer. */
    private static final class Dense {

        private final FloatWeights weights;
        private final MemorySegment input;
        private final MemorySegment output;
        private final TiledMatmul product;

        Dense(
                KernelContext context,
                MemorySegment packed,
                MemorySegment[] sums,
                FloatWeights weights) {
            this.weights = weights;
            input = context.floats((long) BATCH * weights.columns());
            output = context.floats((long) BATCH * weights.rows());
            product =
                    new TiledMatmul(
                            context,
                            packed,
                            sums,
                            new Projection[] {weights},
                            new MemorySegment[] {output});
        }

        List<float[]> multiply(List<float[]> vectors) {
            for (int i = 0; i < vectors.size(); i++) {
                long offset = 4L * i * weights.columns();
                MemorySegment.copy(vectors.get(i), 0, input, JAVA_FLOAT, offset, weights.columns());
            }
            product.run(input, vectors.size());
            List<float[]> results = new ArrayList<>();
            for (int i = 0; i < vectors.size(); i++) {
                float[] result = new float[weights.outputs()];
                long offset = 4L * i * weights.rows();
                MemorySegment.copy(output, JAVA_FLOAT, offset, result, 0, result.length);
                results.add(result);
            }
            return results;
        }
    }
}
