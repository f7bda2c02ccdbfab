package io.djlnpu.engine;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.djlnpu.bundle.DecoderSpec;
import io.djlnpu.decoder.KeyValueBlock;
import io.djlnpu.ndarray.ArraySource;
import io.djlnpu.ndarray.NpuNDArray;
import io.djlnpu.ndarray.NpuNDManager;
import java.nio.FloatBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The key/value arrays that one forward pass hands out. They stand for the rows' states and are
 * filled only if somebody reads them; fed back as they are, they cost nothing.
 */
final class Presents {

    private final NpuRuntime runtime;
    private final List<RowState> rows;
    private final int slots;
    private final Map<Integer, KeyValueBlock> halfRead = new HashMap<>();
    private int open;

    private Presents(NpuRuntime runtime, List<RowState> rows, int slots) {
        this.runtime = runtime;
        this.rows = rows;
        this.slots = slots;
    }

    /** What one array is: known again when it comes back. Released with the array. */
    record Source(Presents presents, int layer, boolean key) implements ArraySource {

        @Override
        public void release() {
            presents.closeOne();
        }
    }

    /** Appends key and value arrays of every layer to the outputs. */
    static void append(
            NpuRuntime runtime, List<RowState> rows, int slots, NDManager manager, NDList outputs) {
        Presents presents = new Presents(runtime, rows, slots);
        int layers = runtime.model().config().layers();
        presents.open = 2 * layers;
        rows.forEach(row -> row.row().retain());
        for (int layer = 0; layer < layers; layer++) {
            outputs.add(presents.array(manager, layer, true));
            outputs.add(presents.array(manager, layer, false));
        }
    }

    private NDArray array(NDManager manager, int layer, boolean key) {
        DecoderSpec config = runtime.model().config();
        Shape shape = new Shape(rows.size(), config.kvHeads(), slots, config.headDim());
        NDArray array;
        if (manager instanceof NpuNDManager) {
            Source source = new Source(this, layer, key);
            array =
                    NpuNDArray.lazy(
                            manager,
                            DataType.FLOAT32,
                            shape,
                            source,
                            () -> FloatBuffer.wrap(read(layer, key)));
        } else {
            array = manager.create(read(layer, key), shape);
            closeOne();
        }
        array.setName(GraphSignature.present(layer, key));
        return array;
    }

    /**
     * Recognises arrays that were handed out together and have not been changed since.
     *
     * @return the rows' states, or null
     */
    static List<RowState> states(List<NDArray> caches, NpuRuntime runtime) {
        Presents presents = null;
        for (int i = 0; i < caches.size(); i++) {
            if (!(caches.get(i) instanceof NpuNDArray array)
                    || !(array.source() instanceof Source source)
                    || presents != null && source.presents != presents
                    || source.layer != i / 2
                    || source.key != (i % 2 == 0)) {
                return null;
            }
            presents = source.presents;
        }
        return presents == null || presents.runtime != runtime ? null : presents.rows;
    }

    private float[] read(int layer, boolean key) {
        return runtime.step(model -> key ? block(layer).keys() : block(layer).values());
    }

    /** Reads a layer; keeps it until its other half is asked for too. */
    private synchronized KeyValueBlock block(int layer) {
        KeyValueBlock half = halfRead.remove(layer);
        if (half != null) {
            return half;
        }
        DecoderSpec config = runtime.model().config();
        int rowFloats = Math.multiplyExact(config.keyValueWidth(), slots);
        int floats = Math.multiplyExact(rowFloats, rows.size());
        float[] keys = new float[floats];
        float[] values = new float[floats];
        for (int row = 0; row < rows.size(); row++) {
            rows.get(row).read(layer, new KeyValueBlock(keys, values, row * rowFloats, slots));
        }
        KeyValueBlock block = new KeyValueBlock(keys, values, 0, slots);
        halfRead.put(layer, block);
        return block;
    }

    private void closeOne() {
        boolean last;
        synchronized (this) {
            last = --open == 0;
            if (last) {
                halfRead.clear();
            }
        }
        if (last) {
            rows.forEach(row -> row.row().release());
        }
    }
}
