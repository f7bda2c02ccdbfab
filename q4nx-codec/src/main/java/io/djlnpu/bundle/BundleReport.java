package io.djlnpu.bundle;

import java.nio.file.Path;
import java.util.List;

/**
 * What a conversion did.
 *
 * @param bundle the folder
 * @param seconds wall-clock time
 * @param bytesWritten bytes of all files
 * @param tensors one entry a tensor, in file order
 */
public record BundleReport(Path bundle, double seconds, long bytesWritten, List<Tensor> tensors) {

    /** Copies the list. */
    public BundleReport {
        tensors = List.copyOf(tensors);
    }

    /**
     * One tensor.
     *
     * @param name its name
     * @param source {@code float32}, or {@code int4} when the source was 4-bit already
     * @param carried whether the source's codes were carried over
     * @param rmse root mean square of the difference to the source's values
     * @param weightedRmse the same, each square times its column's importance, over the mean
     *     importance; equal to {@code rmse} where all columns count the same
     * @param maxError largest absolute difference
     */
    public record Tensor(
            String name,
            String source,
            boolean carried,
            double rmse,
            double weightedRmse,
            double maxError) {}
}
