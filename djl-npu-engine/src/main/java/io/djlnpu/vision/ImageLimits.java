package io.djlnpu.vision;

/**
 * How much a picture may take.
 *
 * @param fileBytes the longest file
 * @param decodedBytes memory that decoding may take at most, by what the header states
 */
public record ImageLimits(long fileBytes, long decodedBytes) {

    private static final long MEBIBYTE = 1 << 20;

    /**
     * Returns limits for pictures from anywhere: files of 64 MiB, decoded 512 MiB or half of the
     * JVM's heap if that is less. A photograph of 50 million pixels needs 600 MB, one of 24 million
     * 290 MB.
     *
     * @return the limits
     */
    public static ImageLimits standard() {
        return new ImageLimits(
                64 * MEBIBYTE, Math.min(512 * MEBIBYTE, Runtime.getRuntime().maxMemory() / 2));
    }
}
