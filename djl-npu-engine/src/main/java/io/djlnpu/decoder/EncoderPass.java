package io.djlnpu.decoder;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.djlnpu.bundle.DecoderSpec;
import io.djlnpu.kernel.KernelContext;
import io.djlnpu.kernel.RmsNorm;
import io.djlnpu.simd.Attention;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * All tokens of some texts through all layers at once. A layer's keys and values are not needed any
 * more when the next one begins, so one cache serves all layers. Each text begins a run of keys of
 * its own, so that its sums do not depend on what is before it.
 */
final class EncoderPass implements AutoCloseable {

    /** Texts side by side. */
    static final int MOST_TEXTS = 32;

    private final DecoderSpec config;
    private final DecoderModel model;
    private final int capacity;
    private final Arena arena = Arena.ofShared();
    private final Buffers buffers;
    private final LayerCache cache;
    private final InputRows input;
    private final RmsNorm norm;
    private final LayerStack layers;
    private final MemorySegment finalNorm;

    /**
     * Takes the memory.
     *
     * @param capacity tokens of the longest text, and of all texts side by side
     */
    EncoderPass(DecoderModel model, EncoderWeights weights, int capacity) {
        this.model = model;
        finalNorm = weights.finalNorm();
        this.capacity = capacity;
        config = model.config();
        DecoderOptions options = model.options();
        boolean narrow = options.numerics() == Numerics.BF16;
        KernelContext context =
                new KernelContext(options.device(), model.executor(), model.simd(), narrow, arena);
        buffers = new Buffers(context, config, capacity, options.threads(), 0);
        cache =
                new LayerCache(
                        model.executor(),
                        config.kvHeads(),
                        config.headDim(),
                        narrow,
                        0,
                        capacity,
                        slots(capacity) + MOST_TEXTS * Attention.TILE);
        input = new InputRows(weights.table(), config.hiddenSize(), narrow, buffers.residual);
        norm = new RmsNorm(context, config.rmsNormEpsilon());
        layers =
                new LayerStack(
                        config, weights.layers(), context, buffers, norm, i -> cache, capacity);
    }

    int capacity() {
        return capacity;
    }

    /** What a text takes of the cache: whole runs. */
    static int slots(int tokens) {
        return Math.ceilDiv(tokens, Attention.TILE) * Attention.TILE;
    }

    /**
     * Runs texts that fit.
     *
     * @return the hidden states of each after the final norm, {@code [tokens, hidden]}
     */
    List<float[]> run(List<int[]> texts) {
        layers.beginTexts(null);
        int slot = 0;
        int row = 0;
        for (int[] ids : texts) {
            for (int id : ids) {
                input.embed(id, row++);
            }
            layers.appendText(slot, ids.length);
            slot += slots(ids.length);
        }
        layers.prefill();
        int hidden = config.hiddenSize();
        norm.run(buffers.residual, row, hidden, finalNorm, buffers.normed);
        List<float[]> states = new ArrayList<>();
        long first = 0;
        for (int[] ids : texts) {
            float[] rows = new float[ids.length * hidden];
            MemorySegment.copy(buffers.normed, JAVA_FLOAT, 4 * first, rows, 0, rows.length);
            states.add(rows);
            first += rows.length;
        }
        return states;
    }

    @Override
    public void close() {
        cache.close();
        model.executor().free(arena);
    }
}
