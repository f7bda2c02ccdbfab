package io.djlnpu.engine;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.ParameterStore;
import io.djlnpu.decoder.DecoderModel;
import java.util.Iterator;
import java.util.NoSuchElementException;

/** Feeds the model's best token back to it; each element is one pass's outputs. */
final class GreedyStream implements Iterator<NDList> {

    private final NpuSymbolBlock block;
    private final ParameterStore parameters;
    private NDList inputs;

    GreedyStream(NpuSymbolBlock block, ParameterStore parameters, NDList inputs) {
        this.block = block;
        this.parameters = parameters;
        this.inputs = inputs;
    }

    @Override
    public boolean hasNext() {
        return inputs != null;
    }

    @Override
    public NDList next() {
        if (inputs == null) {
            throw new NoSuchElementException();
        }
        NDList outputs = block.forward(parameters, inputs, false);
        NDArray ids = outputs.head().get(":, -1, :").argMax(-1).toType(DataType.INT64, false);
        inputs = ended(ids, outputs) ? null : following(ids, outputs);
        return outputs;
    }

    private boolean ended(NDArray ids, NDList outputs) {
        DecoderModel model = block.runtime().model();
        for (long id : ids.toLongArray()) {
            if (!model.config().eosTokenIds().contains((int) id)) {
                return outputs.get(1).getShape().get(2) >= model.maxContext();
            }
        }
        return true;
    }

    private NDList following(NDArray ids, NDList outputs) {
        NDList list = new NDList(ids.reshape(-1, 1));
        int layers = block.runtime().model().config().layers();
        list.addAll(outputs.subList(1, 1 + 2 * layers));
        return list;
    }
}
