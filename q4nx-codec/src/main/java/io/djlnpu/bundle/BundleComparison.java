package io.djlnpu.bundle;

import io.djlnpu.q4nx.Q4nxFormat;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** How far a bundle's weights are from those of its source; a few rows at a time. */
public final class BundleComparison {

    private BundleComparison() {}

    /**
     * The distance of one tensor.
     *
     * @param name its name
     * @param rmse root mean square of the differences
     * @param maxError largest absolute difference
     */
    public record TensorError(String name, double rmse, double maxError) {}

    /**
     * Compares every matrix and vector, those of the vision tower where both have one.
     *
     * @param bundle an open bundle
     * @param source what it was made from
     * @return one entry a tensor
     * @throws IOException if the source cannot be read or has other sizes
     */
    public static List<TensorError> compare(ModelBundle bundle, DecoderWeights source)
            throws IOException {
        BundleWeights stored = new BundleWeights(bundle);
        List<TensorError> errors = new ArrayList<>();
        for (TensorLayout layout : TensorLayout.text(bundle.config())) {
            String name = layout.name();
            Sum sum = new Sum();
            if (layout.rows() == 1) {
                float[] expected = source.vector(name);
                layout.check(1, expected.length);
                sum.add(stored.vector(name), expected, expected.length);
            } else {
                WeightMatrix expected = layout.matrix(source);
                sum.add(stored.matrix(name), expected);
            }
            errors.add(sum.error(name));
        }
        if (bundle.hasVision() && VisionParts.present(source)) {
            for (VisionLayout layout : VisionLayout.list(bundle.config())) {
                errors.add(compare(layout, stored, source));
            }
        }
        return errors;
    }

    private static TensorError compare(
            VisionLayout layout, DecoderWeights stored, DecoderWeights source) throws IOException {
        Sum sum = new Sum();
        if (layout.tiled()) {
            sum.add(layout.matrix(stored), layout.matrix(source));
        } else {
            float[] found = layout.vector(stored);
            sum.add(found, layout.vector(source), found.length);
        }
        return sum.error(layout.name());
    }

    private static final class Sum {

        private double squared;
        private double largest;
        private long count;

        TensorError error(String name) {
            return new TensorError(name, Math.sqrt(squared / count), largest);
        }

        void add(WeightMatrix found, WeightMatrix expected) throws IOException {
            int step = Q4nxFormat.BLOCK_ROWS;
            float[] a = new float[step * found.columns()];
            float[] b = new float[a.length];
            for (int row = 0; row < found.rows(); row += step) {
                int rows = Math.min(step, found.rows() - row);
                found.readRows(row, rows, a);
                expected.readRows(row, rows, b);
                add(a, b, rows * found.columns());
            }
        }

        void add(float[] found, float[] expected, int length) {
            for (int i = 0; i < length; i++) {
                double difference = Math.abs((double) found[i] - expected[i]);
                squared += difference * difference;
                largest = Math.max(largest, difference);
            }
            count += length;
        }
    }
}
