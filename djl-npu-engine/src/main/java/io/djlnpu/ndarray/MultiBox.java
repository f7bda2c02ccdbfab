package io.djlnpu.ndarray;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Anchor boxes of single-shot detectors, and the way from a network's answers back to boxes. A box
 * is xmin, ymin, xmax, ymax in 0 to 1.
 */
record MultiBox(
        boolean clip,
        float threshold,
        int backgroundId,
        float overlap,
        boolean forceSuppress,
        int topK) {

    private static final double CENTER_VARIANCE = 0.1;
    private static final double SIZE_VARIANCE = 0.2;

    /** One detection: class, score, box. */
    private record Detection(int label, double score, double[] box) {}

    /** Anchors [1, height * width * (sizes + ratios - 1), 4] for a feature map [N, C, H, W]. */
    static Tensor priors(
            Shape map,
            List<Float> sizes,
            List<Float> ratios,
            List<Float> steps,
            List<Float> offsets,
            boolean clip) {
        int height = (int) map.get(2);
        int width = (int) map.get(3);
        double stepY = steps.get(0) > 0 ? steps.get(0) : 1.0 / height;
        double stepX = steps.get(1) > 0 ? steps.get(1) : 1.0 / width;
        List<double[]> halves = new ArrayList<>();
        double firstRatio = ratios.isEmpty() ? 1 : Math.sqrt(ratios.get(0));
        sizes.forEach(size -> halves.add(half(size, firstRatio, height, width)));
        ratios.stream()
                .skip(1)
                .forEach(ratio -> halves.add(half(sizes.get(0), Math.sqrt(ratio), height, width)));
        int count = halves.size();
        return Tensor.fill(
                DataType.FLOAT32,
                new Shape(1, (long) height * width * count, 4),
                i -> {
                    int cell = i / 4 / count;
                    int side = i % 4;
                    double center =
                            side % 2 == 0
                                    ? (cell % width + offsets.get(1)) * stepX
                                    : (cell / width + offsets.get(0)) * stepY;
                    double half = halves.get(i / 4 % count)[side % 2];
                    double value = side < 2 ? center - half : center + half;
                    return clip ? Math.clamp(value, 0, 1) : value;
                });
    }

    private static double[] half(double size, double ratio, int height, int width) {
        return new double[] {size * height / width * ratio / 2, size / ratio / 2};
    }

    /**
     * Rows of class, score and box, [batch, anchors, 6], best first; suppressed and missing rows
     * have class -1.
     */
    Tensor detect(Tensor probabilities, Tensor locations, Tensor anchors) {
        int batch = (int) probabilities.shape().get(0);
        int classes = (int) probabilities.shape().get(1);
        int count = (int) probabilities.shape().get(2);
        Tensor result = Tensor.fill(DataType.FLOAT32, new Shape(batch, count, 6), i -> -1);
        for (int item = 0; item < batch; item++) {
            List<Detection> found = new ArrayList<>();
            for (int anchor = 0; anchor < count; anchor++) {
                int best = -1;
                for (int label = 0; label < classes; label++) {
                    int place = (item * classes + label) * count + anchor;
                    if (label != backgroundId
                            && (best < 0
                                    || probabilities.getDouble(place)
                                            > probabilities.getDouble(
                                                    (item * classes + best) * count + anchor))) {
                        best = label;
                    }
                }
                double score =
                        best < 0
                                ? 0
                                : probabilities.getDouble((item * classes + best) * count + anchor);
                if (best >= 0 && score >= threshold) {
                    int label = best > backgroundId ? best - 1 : best;
                    found.add(
                            new Detection(
                                    label,
                                    score,
                                    box(anchors, anchor, locations, item * count + anchor)));
                }
            }
            found.sort(Comparator.comparingDouble(detection -> -detection.score));
            write(result, item * count, suppress(found));
        }
        return result;
    }

    private double[] box(Tensor anchors, int anchor, Tensor locations, int location) {
        double[] box = new double[4];
        for (int side = 0; side < 2; side++) {
            double low = anchors.getDouble(anchor * 4 + side);
            double high = anchors.getDouble(anchor * 4 + side + 2);
            double center =
                    locations.getDouble(location * 4 + side) * CENTER_VARIANCE * (high - low)
                            + (low + high) / 2;
            double half =
                    Math.exp(locations.getDouble(location * 4 + side + 2) * SIZE_VARIANCE)
                            * (high - low)
                            / 2;
            box[side] = clip ? Math.clamp(center - half, 0, 1) : center - half;
            box[side + 2] = clip ? Math.clamp(center + half, 0, 1) : center + half;
        }
        return box;
    }

    /**
     * Marks each detection that overlaps a better one (of its class, unless all classes suppress
     * each other).
     */
    private List<Detection> suppress(List<Detection> sorted) {
        List<Detection> result = new ArrayList<>();
        for (int i = 0; i < sorted.size(); i++) {
            Detection candidate = sorted.get(i);
            boolean dropped =
                    topK > 0 && i >= topK
                            || result.stream()
                                    .anyMatch(
                                            better ->
                                                    better.label >= 0
                                                            && (forceSuppress
                                                                    || better.label
                                                                            == candidate.label)
                                                            && overlap(better.box, candidate.box)
                                                                    >= overlap);
            result.add(dropped ? new Detection(-1, candidate.score, candidate.box) : candidate);
        }
        return result;
    }

    private static double overlap(double[] a, double[] b) {
        double width = Math.max(0, Math.min(a[2], b[2]) - Math.max(a[0], b[0]));
        double height = Math.max(0, Math.min(a[3], b[3]) - Math.max(a[1], b[1]));
        double union =
                (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - width * height;
        return union <= 0 ? 0 : width * height / union;
    }

    private static void write(Tensor result, int row, List<Detection> detections) {
        for (int i = 0; i < detections.size(); i++) {
            Detection detection = detections.get(i);
            int place = (row + i) * 6;
            result.data().setDouble(place, detection.label);
            result.data().setDouble(place + 1, detection.score);
            for (int side = 0; side < 4; side++) {
                result.data().setDouble(place + 2 + side, detection.box[side]);
            }
        }
    }
}
