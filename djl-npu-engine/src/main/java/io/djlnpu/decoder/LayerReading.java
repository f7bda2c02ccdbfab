package io.djlnpu.decoder;

import io.djlnpu.bundle.DecoderSpec;
import io.djlnpu.bundle.LayerTensor;
import io.djlnpu.kernel.RmsNorm;
import io.djlnpu.kernel.Rope;
import io.djlnpu.program.LayerStep;
import io.djlnpu.simd.Elementwise;
import java.lang.foreign.MemorySegment;

/**
 * Binds the steps of a layer to memory and kernels. What is done row by row is the same in prefill
 * and decode; products and attention are each reading's own.
 */
final class LayerReading {

    private final DecoderSpec config;
    private final Elementwise elementwise;
    private final boolean narrow;
    private final LayerWeights weights;
    private final Buffers buffers;
    private final LayerCache cache;
    private final LayerKernels kernels;

    LayerReading(
            DecoderSpec config,
            LayerWeights weights,
            Buffers buffers,
            LayerCache cache,
            LayerKernels kernels) {
        this.config = config;
        this.elementwise = kernels.context().elementwise();
        this.narrow = kernels.context().narrow();
        this.weights = weights;
        this.buffers = buffers;
        this.cache = cache;
        this.kernels = kernels;
    }

    /** What a reading makes of the steps that are not done row by row. */
    interface Own {

        KernelStep project(LayerStep.Project step);

        KernelStep attend(LayerStep.Attend step);
    }

    KernelStep bind(LayerStep step, Own own) {
        return switch (step) {
            case LayerStep.Norm norm -> norm(norm);
            case LayerStep.Project project -> own.project(project);
            case LayerStep.NormHeads heads -> normHeads();
            case LayerStep.Rotate rotate -> rotate(rotate);
            case LayerStep.Append append -> append();
            case LayerStep.Attend attend -> own.attend(attend);
            case LayerStep.Gate gate ->
                    chunk -> kernels.gate().run(buffers.gate, buffers.up, chunk.tokens);
            case LayerStep.NormAdd norm -> normAdd(norm);
            case LayerStep.Add add -> add();
        };
    }

    private KernelStep norm(LayerStep.Norm step) {
        RmsNorm norm = kernels.norm();
        MemorySegment weight = weights.norm(step.weight());
        int hidden = config.hiddenSize();
        return chunk -> norm.run(buffers.residual, chunk.tokens, hidden, weight, buffers.normed);
    }

    private KernelStep normHeads() {
        RmsNorm norm = kernels.norm();
        MemorySegment query = weights.norm(LayerTensor.QUERY_NORM);
        MemorySegment key = weights.norm(LayerTensor.KEY_NORM);
        int headDim = config.headDim();
        return chunk -> {
            int tokens = chunk.tokens;
            norm.run(buffers.query, tokens * config.heads(), headDim, query, buffers.query);
            norm.run(buffers.key, tokens * config.kvHeads(), headDim, key, buffers.key);
        };
    }

    private KernelStep rotate(LayerStep.Rotate step) {
        Rope rope = kernels.rope(step.kind());
        int queryWidth = config.queryWidth();
        int keyWidth = config.keyValueWidth();
        float scale = config.attentionScale();
        return chunk -> {
            for (int t = 0; t < chunk.tokens; t++) {
                long queryRow = (long) t * queryWidth;
                rope.rotate(buffers.query, queryRow, config.heads(), t);
                rope.rotate(buffers.key, (long) t * keyWidth, config.kvHeads(), t);
                elementwise.scale(buffers.query, queryRow, scale, queryWidth, false);
            }
        };
    }

    private KernelStep append() {
        int width = config.keyValueWidth();
        return chunk -> {
            cache.reserve(chunk.end());
            for (int t = 0; t < chunk.tokens; t++) {
                cache.put(chunk.slot(t), buffers.key, buffers.value, (long) t * width);
            }
        };
    }

    private KernelStep normAdd(LayerStep.NormAdd step) {
        RmsNorm norm = kernels.norm();
        MemorySegment weight = weights.norm(step.weight());
        int hidden = config.hiddenSize();
        return chunk ->
                norm.runAndAdd(
                        buffers.projected,
                        chunk.tokens,
                        hidden,
                        weight,
                        buffers.projected,
                        buffers.residual);
    }

    private KernelStep add() {
        int hidden = config.hiddenSize();
        return chunk -> {
            for (int t = 0; t < chunk.tokens; t++) {
                long row = (long) t * hidden;
                elementwise.add(buffers.residual, row, buffers.projected, row, hidden, narrow);
            }
        };
    }
}
