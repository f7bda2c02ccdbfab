package io.djlnpu.engine;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.djlnpu.bundle.DecoderSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a caller feeds, sorted out: by the graph's names where arrays have them, otherwise by order
 * (ids, positions, mask, caches; or ids, mask, positions, caches as exporters order them, told
 * apart by their contents).
 *
 * <p><b>Shape</b>: ids and positions {@code [batch, steps]}, mask {@code [batch, past + steps]},
 * caches {@code [batch, kvHeads, past, headDim]}.
 */
final class CausalInputs {

    private final DecoderSpec config;
    private int batch;
    private int steps;
    private int past;
    private long[] ids;
    private long[] positions;
    private long[] mask;
    private List<NDArray> caches = List.of();

    private CausalInputs(DecoderSpec config) {
        this.config = config;
    }

    static CausalInputs of(NDList inputs, DecoderSpec config) {
        CausalInputs result = new CausalInputs(config);
        if (inputs.stream().anyMatch(array -> GraphSignature.IDS.equals(array.getName()))) {
            result.readNamed(inputs);
        } else {
            result.readOrdered(inputs);
        }
        return result;
    }

    int batch() {
        return batch;
    }

    /** New slots a row. */
    int steps() {
        return steps;
    }

    /** Slots that the caches cover. */
    int past() {
        return past;
    }

    int id(int row, int step) {
        return Math.toIntExact(ids[row * steps + step]);
    }

    boolean hasPositions() {
        return positions != null;
    }

    int position(int row, int step) {
        return Math.toIntExact(positions[row * steps + step]);
    }

    /** Key and value of each layer, or nothing. */
    List<NDArray> caches() {
        return caches;
    }

    /**
     * One row's mask over past and new slots.
     *
     * @param pastUnmasked what is known about the past, should the caller have sent no mask
     */
    boolean[] unmasked(int row, boolean[] pastUnmasked) {
        boolean[] result = new boolean[past + steps];
        if (mask == null) {
            Arrays.fill(result, true);
            if (pastUnmasked != null) {
                System.arraycopy(pastUnmasked, 0, result, 0, past);
            }
        } else {
            for (int slot = 0; slot < result.length; slot++) {
                result[slot] = mask[row * result.length + slot] != 0;
            }
        }
        return result;
    }

    private void readNamed(NDList inputs) {
        Map<String, NDArray> byName = new HashMap<>();
        inputs.forEach(array -> byName.put(array.getName(), array));
        readIds(byName.remove(GraphSignature.IDS));
        NDArray positionIds = byName.remove(GraphSignature.POSITIONS);
        NDArray attentionMask = byName.remove(GraphSignature.MASK);
        if (byName.containsKey(GraphSignature.past(0, true))) {
            List<NDArray> found = new ArrayList<>();
            for (int layer = 0; layer < config.layers(); layer++) {
                found.add(take(byName, GraphSignature.past(layer, true)));
                found.add(take(byName, GraphSignature.past(layer, false)));
            }
            readCaches(found);
        }
        if (!byName.isEmpty()) {
            throw new IllegalArgumentException(
                    "unknown inputs "
                            + byName.keySet()
                            + "; expected "
                            + GraphSignature.inputs(config).keys());
        }
        mask = attentionMask == null ? null : whole(attentionMask, "mask", past + steps);
        positions = positionIds == null ? null : whole(positionIds, "positions", steps);
    }

    private static NDArray take(Map<String, NDArray> byName, String name) {
        NDArray array = byName.remove(name);
        if (array == null) {
            throw new IllegalArgumentException(
                    "input '" + name + "' is missing; feed every layer's cache or none");
        }
        return array;
    }

    private void readOrdered(NDList inputs) {
        int cacheCount = 2 * config.layers();
        int others = inputs.size() > cacheCount ? inputs.size() - cacheCount : inputs.size();
        if (others > 3) {
            throw new IllegalArgumentException(
                    inputs.size()
                            + " inputs, expected ids, positions and mask, and "
                            + cacheCount
                            + " caches or none");
        }
        readIds(inputs.head());
        readCaches(inputs.subList(others, inputs.size()));
        if (others == 2) {
            mask = whole(inputs.get(1), "mask", past + steps);
        } else if (others == 3) {
            NDArray second = inputs.get(1);
            NDArray third = inputs.get(2);
            if (fits(third, second) || !fits(second, third)) {
                positions = whole(second, "positions", steps);
                mask = whole(third, "mask", past + steps);
            } else {
                mask = whole(second, "mask", past + steps);
                positions = whole(third, "positions", steps);
            }
        }
    }

    private void readIds(NDArray array) {
        if (array.getShape().dimension() != 2 || array.getShape().size() == 0) {
            throw new IllegalArgumentException(
                    "token ids of shape " + array.getShape() + ", expected [batch, tokens]");
        }
        batch = Math.toIntExact(array.getShape().get(0));
        steps = Math.toIntExact(array.getShape().get(1));
        ids = whole(array, "token ids", steps);
    }

    private void readCaches(List<NDArray> arrays) {
        if (arrays.isEmpty()) {
            return;
        }
        Shape shape = arrays.get(0).getShape();
        past = shape.dimension() == 4 ? Math.toIntExact(shape.get(2)) : -1;
        Shape expected = new Shape(batch, config.kvHeads(), past, config.headDim());
        for (NDArray array : arrays) {
            if (!array.getShape().equals(expected)) {
                throw new IllegalArgumentException(
                        "a cache of shape "
                                + array.getShape()
                                + ", expected [batch, kvHeads, past, headDim] = "
                                + expected);
            }
        }
        caches = past == 0 ? List.of() : List.copyOf(arrays);
    }

    private long[] whole(NDArray array, String what, int columns) {
        if (!array.getShape().equals(new Shape(batch, columns))) {
            throw new IllegalArgumentException(
                    what
                            + " of shape "
                            + array.getShape()
                            + ", expected "
                            + new Shape(batch, columns));
        }
        return array.toType(DataType.INT64, false).toLongArray();
    }

    /** Tells whether two arrays can be mask and positions: 0 and 1, and one position a token. */
    private boolean fits(NDArray maskArray, NDArray positionArray) {
        if (!maskArray.getShape().equals(new Shape(batch, past + steps))
                || !positionArray.getShape().equals(new Shape(batch, steps))) {
            return false;
        }
        long[] bits = whole(maskArray, "mask", past + steps);
        long[] places = whole(positionArray, "positions", steps);
        if (Arrays.stream(bits).anyMatch(bit -> bit != 0 && bit != 1)) {
            return false;
        }
        for (int row = 0; row < batch; row++) {
            long last = -1;
            int from = row * (past + steps);
            if (Arrays.stream(bits, from, from + past + steps).sum() == 0) {
                return false;
            }
            for (int step = 0; step < steps; step++) {
                if (bits[from + past + step] == 1) {
                    long place = places[row * steps + step];
                    if (place <= last) {
                        return false;
                    }
                    last = place;
                }
            }
        }
        return true;
    }
}
