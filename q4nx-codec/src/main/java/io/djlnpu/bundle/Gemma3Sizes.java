package io.djlnpu.bundle;

import java.util.List;
import java.util.Optional;

/**
 * The five published sizes of Gemma 3. Hidden size and layer count identify each, so a file that
 * states little can be completed.
 *
 * @param name as Google names it
 * @param hiddenSize width of the residual stream
 * @param layers decoder layers
 * @param heads query heads
 * @param kvHeads key and value heads
 * @param headDim width of a head
 * @param intermediateSize width of the MLP
 * @param vocabSize rows of the table
 * @param slidingWindow keys that a local layer sees
 * @param maxPositions context
 * @param ropeScalingFactor linear factor of the global layers
 * @param queryPreAttentionScalar attention scale is its inverse square root
 */
public record Gemma3Sizes(
        String name,
        int hiddenSize,
        int layers,
        int heads,
        int kvHeads,
        int headDim,
        int intermediateSize,
        int vocabSize,
        int slidingWindow,
        int maxPositions,
        double ropeScalingFactor,
        double queryPreAttentionScalar) {

    private static final List<Gemma3Sizes> PUBLISHED =
            List.of(
                    new Gemma3Sizes("270m", 640, 18, 4, 1, 256, 2048, 262144, 512, 32768, 1, 256),
                    new Gemma3Sizes("1b", 1152, 26, 4, 1, 256, 6912, 262144, 512, 32768, 1, 256),
                    new Gemma3Sizes("4b", 2560, 34, 8, 4, 256, 10240, 262208, 1024, 131072, 8, 256),
                    new Gemma3Sizes(
                            "12b", 3840, 48, 16, 8, 256, 15360, 262208, 1024, 131072, 8, 256),
                    new Gemma3Sizes(
                            "27b", 5376, 62, 32, 16, 128, 21504, 262208, 1024, 131072, 8, 168));

    /**
     * Finds a published size.
     *
     * @param hiddenSize width of the residual stream
     * @param layers decoder layers
     * @return the size, if it is a published one
     */
    public static Optional<Gemma3Sizes> find(int hiddenSize, int layers) {
        return PUBLISHED.stream()
                .filter(s -> s.hiddenSize == hiddenSize && s.layers == layers)
                .findFirst();
    }
}
