package io.djlnpu.decoder;

import io.djlnpu.bundle.DecoderSpec;
import io.djlnpu.kernel.FlowQkv;
import io.djlnpu.kernel.TiledMatmul;
import io.djlnpu.program.LayerProgram;
import io.djlnpu.program.LayerStep;
import io.djlnpu.program.Operand;
import java.lang.foreign.MemorySegment;
import java.util.Set;

/**
 * One layer of one session: its program, read for prefill and for decode.
 *
 * <p>Prefill multiplies with {@link TiledMatmul} and attends with {@link FlowQkv}, whatever the
 * length of the chunk; decode is {@link DecodeStages}.
 */
final class DecoderLayer {

    private final DecoderSpec config;
    private final LayerWeights weights;
    private final Buffers buffers;
    private final LayerCache cache;
    private final LayerKernels kernels;
    private final KernelStep[] prefill;
    private final int stepsToStore;
    private final Set<Operand> liveAfterStore;
    private final DecodeStages decode;

    DecoderLayer(
            LayerProgram program,
            DecoderSpec config,
            LayerWeights weights,
            Buffers buffers,
            LayerCache cache,
            LayerKernels kernels) {
        this.config = config;
        this.weights = weights;
        this.buffers = buffers;
        this.cache = cache;
        this.kernels = kernels;
        LayerReading reading = new LayerReading(config, weights, buffers, cache, kernels);
        Prefill own = new Prefill();
        prefill =
                program.steps().stream()
                        .map(step -> reading.bind(step, own))
                        .toArray(KernelStep[]::new);
        stepsToStore = program.stepsToStore();
        liveAfterStore = program.liveAfter(stepsToStore);
        decode =
                kernels.decodes()
                        ? new DecodeStages(program, reading, weights, buffers, cache, kernels)
                        : null;
    }

    /** The stages of one new token; null for layers that are not decoded with. */
    DecodeStages decode() {
        return decode;
    }

    /** Takes the residual stream of a chunk through the layer. */
    void prefill(Chunk chunk) {
        run(chunk, 0, prefill.length);
    }

    /** Computes queries, keys and values of a chunk, and stores the last two. */
    void store(Chunk chunk) {
        run(chunk, 0, stepsToStore);
    }

    /**
     * Completes the layer for a chunk's last token alone, whose residual stream becomes the first
     * row: of a model's last layer nobody reads more.
     */
    void completeLast(Chunk chunk) {
        for (Operand operand : liveAfterStore) {
            long bytes = 4L * operand.width(config);
            MemorySegment rows = buffers.of(operand);
            MemorySegment.copy(rows, bytes * (chunk.tokens - 1), rows, 0, bytes);
        }
        chunk.keepLast();
        run(chunk, stepsToStore, prefill.length);
    }

    private void run(Chunk chunk, int from, int end) {
        for (int i = from; i < end; i++) {
            prefill[i].run(chunk);
        }
    }

    /** Products and attention of a chunk. */
    private final class Prefill implements LayerReading.Own {

        @Override
        public KernelStep project(LayerStep.Project step) {
            MemorySegment input = buffers.of(step.input());
            TiledMatmul product =
                    new TiledMatmul(
                            kernels.context(),
                            buffers.packed,
                            buffers.sums,
                            weights.projections(step.matrices()),
                            buffers.results(step.matrices()));
            return chunk -> {
                if (chunk.observer != null) {
                    chunk.observer.observe(weights.quantized(step.matrices()), input, chunk.tokens);
                }
                product.run(input, chunk.tokens);
            };
        }

        @Override
        public KernelStep attend(LayerStep.Attend step) {
            ChunkVisibility visible = kernels.visibility(step.kind());
            FlowQkv flow = kernels.flowQkv();
            return chunk ->
                    flow.run(
                            buffers.query,
                            chunk.tokens,
                            cache,
                            chunk.skipped == 0 ? visible : visible.from(chunk.skipped),
                            buffers.attended);
        }
    }
}
