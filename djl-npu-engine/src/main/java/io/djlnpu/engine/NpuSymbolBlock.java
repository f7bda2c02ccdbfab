package io.djlnpu.engine;

import ai.djl.inference.streaming.StreamingBlock;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractSymbolBlock;
import ai.djl.nn.ParameterList;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.Collections;
import java.util.Iterator;

/**
 * The model as a block: token ids, positions, mask and caches in, logits, caches and hidden states
 * out.
 *
 * <p>Inputs are taken in DJL's order (ids, position ids, attention mask, key and value of each
 * layer) or by the names of the exported graph ({@code input_ids}, {@code past_key_values.0.key},
 * ...); positions, mask and caches may be left out. Outputs carry the graph's names ({@code
 * logits}, {@code present.0.key}, ...), and {@code hidden_states} after the final norm as the last.
 * Caches that are fed back unchanged are recognised and never copied.
 *
 * <p>An embedding model takes ids and mask alone and gives {@code last_hidden_state} and {@code
 * sentence_embedding}.
 *
 * <p><b>Errors</b>: {@link IllegalArgumentException} for inputs of other shapes, {@link
 * IllegalStateException} after the model has been closed.
 */
public final class NpuSymbolBlock extends AbstractSymbolBlock implements StreamingBlock {

    private final NpuRuntime runtime;

    NpuSymbolBlock(NpuRuntime runtime) {
        this.runtime = runtime;
    }

    /**
     * Returns the loaded model behind the block, for generation without arrays.
     *
     * @return the loaded model
     */
    public NpuRuntime runtime() {
        return runtime;
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore parameterStore,
            NDList inputs,
            boolean training,
            PairList<String, Object> params) {
        if (training) {
            throw new UnsupportedOperationException("the NPU engine does not train");
        }
        return runtime.step(
                model ->
                        model.config().isEmbedding()
                                ? EmbeddingStep.run(runtime, inputs)
                                : CausalStep.run(runtime, inputs));
    }

    /**
     * Continues a sequence greedily, one token for each element of the stream, until a stop token
     * or the end of the context.
     *
     * @return lists of the forward pass's outputs, one step each; empty if there are no inputs
     */
    @Override
    public Iterator<NDList> forwardStreamIter(
            ParameterStore parameterStore,
            NDList inputs,
            boolean training,
            PairList<String, Object> params) {
        return inputs.isEmpty()
                ? Collections.emptyIterator()
                : new GreedyStream(this, parameterStore, inputs);
    }

    @Override
    public ParameterList getDirectParameters() {
        return new ParameterList();
    }

    @Override
    public boolean isInitialized() {
        return true;
    }

    @Override
    public PairList<String, Shape> describeInput() {
        return GraphSignature.inputs(runtime.model().config());
    }

    @Override
    public PairList<String, Shape> describeOutput() {
        return GraphSignature.outputs(runtime.model().config());
    }
}
