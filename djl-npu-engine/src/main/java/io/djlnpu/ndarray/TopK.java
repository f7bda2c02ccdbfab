package io.djlnpu.ndarray;

import ai.djl.ndarray.types.DataType;

/**
 * The extremes of each lane: argMax, argMin, and the k largest or smallest. A lane of n elements
 * costs n comparisons and a heap of k. NaN is larger than every number; of equal elements the first
 * comes first.
 */
final class TopK {

    private TopK() {}

    static Tensor argMax(Tensor a, int axis) {
        return extreme(a, axis, true);
    }

    static Tensor argMin(Tensor a, int axis) {
        return extreme(a, axis, false);
    }

    private static Tensor extreme(Tensor a, int axis, boolean largest) {
        Lanes lanes = Lanes.of(a.shape(), axis);
        if (lanes.length() == 0) {
            throw new IllegalArgumentException(
                    "an array of shape " + a.shape() + " has no extreme along axis " + axis);
        }
        Tensor result =
                Tensor.allocate(
                        DataType.INT64,
                        a.isScalar() ? a.shape() : Dimensions.without(a.shape(), axis));
        for (int lane = 0; lane < lanes.count(); lane++) {
            int best =
                    a.data() instanceof FloatStorage storage && lanes.inner() == 1 && largest
                            ? argMax(storage.values(), lanes.start(lane), lanes.length())
                            : extreme(a, lanes, lane, largest);
            result.data().setLong(lane, best);
        }
        return result;
    }

    private static int extreme(Tensor a, Lanes lanes, int lane, boolean largest) {
        int best = 0;
        for (int i = 1; i < lanes.length(); i++) {
            if (precedes(a, lanes.index(lane, i), lanes.index(lane, best), largest)) {
                best = i;
            }
        }
        return best;
    }

    private static int argMax(float[] values, int start, int length) {
        int best = 0;
        float bestValue = values[start];
        for (int i = 1; i < length; i++) {
            float value = values[start + i];
            if (value > bestValue || value != value && bestValue == bestValue) {
                best = i;
                bestValue = value;
            }
        }
        return best;
    }

    /**
     * Whether the element at {@code x} stands strictly before that at {@code y}; NaN is an extreme
     * of both ends for argMin.
     */
    private static boolean precedes(Tensor a, int x, int y, boolean largest) {
        if (!largest && !Casts.isWhole(a.type())) {
            double left = a.getDouble(x);
            double right = a.getDouble(y);
            return left < right || Double.isNaN(left) && !Double.isNaN(right);
        }
        int order = Sorting.compare(a, x, y);
        return largest ? order > 0 : order < 0;
    }

    /** The values and their positions (INT64) of the k first of each lane, in order. */
    static Tensor[] topK(Tensor a, int k, int axis, boolean largest) {
        Lanes lanes = Lanes.of(a.shape(), axis);
        if (k < 0 || k > lanes.length()) {
            throw new IllegalArgumentException(
                    "topK: k = " + k + " of " + lanes.length() + " elements along axis " + axis);
        }
        var shape = a.isScalar() ? a.shape() : Dimensions.with(a.shape(), axis, k);
        Tensor values = Tensor.allocate(a.type(), shape);
        Tensor positions = Tensor.allocate(DataType.INT64, shape);
        Lanes results = lanes.withLength(k);
        for (int lane = 0; lane < lanes.count(); lane++) {
            int[] best = best(a, lanes, lane, k, largest);
            for (int i = 0; i < k && i < best.length; i++) {
                values.data().copy(a.data(), lanes.index(lane, best[i]), results.index(lane, i), 1);
                positions.data().setLong(results.index(lane, i), best[i]);
            }
        }
        return new Tensor[] {values, positions};
    }

    private static int[] best(Tensor a, Lanes lanes, int lane, int k, boolean largest) {
        // A binary heap of the k best so far, the worst of them on top.
        int[] heap = new int[k];
        int size = 0;
        for (int i = 0; i < lanes.length() && k > 0; i++) {
            if (size < k) {
                heap[size] = i;
                for (int child = size++;
                        child > 0 && worse(a, lanes, lane, heap, child, (child - 1) / 2, largest);
                        child = (child - 1) / 2) {
                    swap(heap, child, (child - 1) / 2);
                }
            } else if (sortsBefore(a, lanes.index(lane, i), lanes.index(lane, heap[0]), largest)) {
                heap[0] = i;
                sink(a, lanes, lane, heap, k, largest);
            }
        }
        for (int end = size - 1; end > 0; end--) {
            swap(heap, 0, end);
            sink(a, lanes, lane, heap, end, largest);
        }
        return heap;
    }

    private static void sink(
            Tensor a, Lanes lanes, int lane, int[] heap, int size, boolean largest) {
        int parent = 0;
        for (int child = 1; child < size; child = 2 * parent + 1) {
            if (child + 1 < size && worse(a, lanes, lane, heap, child + 1, child, largest)) {
                child++;
            }
            if (!worse(a, lanes, lane, heap, child, parent, largest)) {
                return;
            }
            swap(heap, child, parent);
            parent = child;
        }
    }

    private static boolean worse(
            Tensor a, Lanes lanes, int lane, int[] heap, int x, int y, boolean largest) {
        int order = Sorting.compare(a, lanes.index(lane, heap[x]), lanes.index(lane, heap[y]));
        int sign = largest ? order : -order;
        return sign < 0 || sign == 0 && heap[x] > heap[y];
    }

    private static boolean sortsBefore(Tensor a, int x, int y, boolean largest) {
        if (a.data() instanceof FloatStorage storage && largest) {
            float left = storage.values()[x];
            float right = storage.values()[y];
            if (left <= right) {
                return false;
            }
        }
        int order = Sorting.compare(a, x, y);
        return largest ? order > 0 : order < 0;
    }

    private static void swap(int[] heap, int x, int y) {
        int held = heap[x];
        heap[x] = heap[y];
        heap[y] = held;
    }
}
