package io.djlnpu.decoder;

import io.djlnpu.bundle.DecoderSpec;
import io.djlnpu.kernel.FlowKv;
import io.djlnpu.kernel.FlowQkv;
import io.djlnpu.kernel.FusedDqp;
import io.djlnpu.kernel.GegluMul;
import io.djlnpu.kernel.KernelContext;
import io.djlnpu.kernel.ProjectionWeights;
import io.djlnpu.kernel.RmsNorm;
import io.djlnpu.kernel.Rope;
import io.djlnpu.kernel.TiledMatmul;
import io.djlnpu.kernel.VisibleKeys;
import io.djlnpu.simd.Elementwise;
import java.lang.foreign.MemorySegment;

/**
 * One layer of one session, as the sequence of its kernel calls: norm, query/key/value, rotation,
 * attention, output, norm and residual, norm, gated MLP, norm and residual.
 *
 * <p>Prefill multiplies with {@link TiledMatmul} and attends with {@link FlowQkv}, whatever the
 * length of the chunk; decode uses {@link FusedDqp} and {@link FlowKv}.
 */
final class DecoderLayer {

    private final DecoderSpec config;
    private final Elementwise elementwise;
    private final LayerWeights weights;
    private final Buffers buffers;
    private final LayerCache cache;
    private final boolean local;
    private final Rope rope;
    private final RmsNorm norm;
    private final GegluMul geglu;
    private final FlowQkv flowQkv;
    private final FlowKv flowKv;
    private final ProjectionWeights[][] groups;
    private final TiledMatmul[] prefill;
    private final FusedDqp[] decode;

    DecoderLayer(
            DecoderSpec config,
            KernelContext context,
            Elementwise elementwise,
            LayerWeights weights,
            Buffers buffers,
            LayerCache cache,
            boolean local,
            Rope rope,
            SharedKernels shared) {
        this.config = config;
        this.elementwise = elementwise;
        this.weights = weights;
        this.buffers = buffers;
        this.cache = cache;
        this.local = local;
        this.rope = rope;
        norm = shared.norm();
        geglu = shared.geglu();
        flowQkv = shared.flowQkv();
        flowKv = shared.flowKv();
        groups =
                new ProjectionWeights[][] {
                    {weights.query(), weights.key(), weights.value()},
                    {weights.output()},
                    {weights.gate(), weights.up()},
                    {weights.down()}
                };
        MemorySegment[][] outputs = {
            {buffers.query, buffers.key, buffers.value},
            {buffers.projected},
            {buffers.gate, buffers.up},
            {buffers.projected}
        };
        prefill = new TiledMatmul[groups.length];
        decode = new FusedDqp[groups.length];
        for (int i = 0; i < groups.length; i++) {
            prefill[i] =
                    new TiledMatmul(context, buffers.packed, buffers.sums, groups[i], outputs[i]);
            decode[i] = new FusedDqp(context, buffers.prepared, groups[i], outputs[i]);
        }
    }

    /** The kernels that all layers use one after the other. */
    record SharedKernels(RmsNorm norm, GegluMul geglu, FlowQkv flowQkv, FlowKv flowKv) {}

    boolean isLocal() {
        return local;
    }

    /** Takes the residual stream of a chunk through the layer; the observer may be null. */
    void prefill(int position, int tokens, VisibleKeys visible, ActivationObserver observer) {
        store(position, tokens, observer);
        complete(tokens, visible, observer);
    }

    /** Computes queries, keys and values of a chunk, and stores the last two. */
    void store(int position, int tokens, ActivationObserver observer) {
        int hidden = config.hiddenSize();
        norm.run(buffers.residual, tokens, hidden, weights.inputNorm(), buffers.normed);
        multiply(0, buffers.normed, tokens, observer);
        rotateAndStore(position, tokens);
    }

    /**
     * Completes the layer for a chunk's last token alone, whose residual stream becomes the first
     * row: of a model's last layer nobody reads more.
     */
    void completeLast(int tokens, VisibleKeys visible) {
        int last = tokens - 1;
        moveToFront(buffers.query, last, config.queryWidth());
        moveToFront(buffers.residual, last, config.hiddenSize());
        complete(1, visible.from(last), null);
    }

    private static void moveToFront(MemorySegment rows, int row, int width) {
        MemorySegment.copy(rows, 4L * row * width, rows, 0, 4L * width);
    }

    private void complete(int tokens, VisibleKeys visible, ActivationObserver observer) {
        int hidden = config.hiddenSize();
        flowQkv.run(buffers.query, tokens, cache, visible, buffers.attended);
        multiply(1, buffers.attended, tokens, observer);
        norm.runAndAdd(
                buffers.projected,
                tokens,
                hidden,
                weights.postAttentionNorm(),
                buffers.projected,
                buffers.residual);
        norm.run(buffers.residual, tokens, hidden, weights.preFeedForwardNorm(), buffers.normed);
        multiply(2, buffers.normed, tokens, observer);
        geglu.run(buffers.gate, buffers.up, tokens);
        multiply(3, buffers.gate, tokens, observer);
        norm.runAndAdd(
                buffers.projected,
                tokens,
                hidden,
                weights.postFeedForwardNorm(),
                buffers.projected,
                buffers.residual);
    }

    private void multiply(
            int group, MemorySegment activations, int tokens, ActivationObserver observer) {
        if (observer != null) {
            observer.observe(groups[group], activations, tokens);
        }
        prefill[group].run(activations, tokens);
    }

    /** The layer's decode products in their order; what is between them is done below. */
    FusedDqp product(int index) {
        return decode[index];
    }

    /** Prepares the first product, queries, keys and values, of one new token. */
    void prepareAttention() {
        norm.run(buffers.residual, 1, config.hiddenSize(), weights.inputNorm(), buffers.normed);
        decode[0].prepare(buffers.normed, 0);
    }

    /** Attends and prepares the second product. */
    void attend(int position) {
        rotateAndStore(position, 1);
        int first = local ? Math.max(0, position + 1 - config.slidingWindow()) : 0;
        flowKv.run(buffers.query, cache, first, position + 1, buffers.attended);
        decode[1].prepare(buffers.attended, 0);
    }

    /** Adds what was attended to and prepares the third product, gate and up. */
    void prepareGatedMlp() {
        addProjected(weights.postAttentionNorm());
        norm.run(
                buffers.residual,
                1,
                config.hiddenSize(),
                weights.preFeedForwardNorm(),
                buffers.normed);
        decode[2].prepare(buffers.normed, 0);
    }

    /** Computes the gate and prepares the fourth product. */
    void gate() {
        geglu.run(buffers.gate, buffers.up, 1);
        decode[3].prepare(buffers.gate, 0);
    }

    /** Adds what the MLP made. */
    void finish() {
        addProjected(weights.postFeedForwardNorm());
    }

    private void addProjected(MemorySegment normWeight) {
        norm.runAndAdd(
                buffers.projected,
                1,
                config.hiddenSize(),
                normWeight,
                buffers.projected,
                buffers.residual);
    }

    private void rotateAndStore(int position, int tokens) {
        int headDim = config.headDim();
        norm.run(
                buffers.query,
                tokens * config.heads(),
                headDim,
                weights.queryNorm(),
                buffers.query);
        norm.run(buffers.key, tokens * config.kvHeads(), headDim, weights.keyNorm(), buffers.key);
        cache.reserve(position + tokens);
        for (int t = 0; t < tokens; t++) {
            long queryRow = (long) t * config.queryWidth();
            long keyRow = (long) t * config.keyValueWidth();
            rope.rotate(buffers.query, queryRow, config.heads(), t);
            rope.rotate(buffers.key, keyRow, config.kvHeads(), t);
            elementwise.scale(
                    buffers.query, queryRow, config.attentionScale(), config.queryWidth(), false);
            cache.put(position + t, buffers.key, buffers.value, keyRow);
        }
    }
}
