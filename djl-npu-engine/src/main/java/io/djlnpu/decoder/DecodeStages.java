package io.djlnpu.decoder;

import io.djlnpu.kernel.FlowKv;
import io.djlnpu.kernel.FusedDqp;
import io.djlnpu.program.LayerProgram;
import io.djlnpu.program.LayerStep;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * A layer's program read for one new token, cut at its products: a stage ends with the vector that
 * the next product multiplies, because the products of several sequences are run together.
 */
final class DecodeStages implements LayerReading.Own {

    private final LayerWeights weights;
    private final Buffers buffers;
    private final LayerCache cache;
    private final LayerKernels kernels;
    private final KernelStep[][] stages;
    private final FusedDqp[] products;

    /** Products so far, while steps are bound. */
    private final List<FusedDqp> found = new ArrayList<>();

    DecodeStages(
            LayerProgram program,
            LayerReading reading,
            LayerWeights weights,
            Buffers buffers,
            LayerCache cache,
            LayerKernels kernels) {
        this.weights = weights;
        this.buffers = buffers;
        this.cache = cache;
        this.kernels = kernels;
        List<KernelStep[]> cut = new ArrayList<>();
        List<KernelStep> stage = new ArrayList<>();
        for (LayerStep step : program.steps()) {
            stage.add(reading.bind(step, this));
            if (step instanceof LayerStep.Project) {
                cut.add(stage.toArray(KernelStep[]::new));
                stage.clear();
            }
        }
        cut.add(stage.toArray(KernelStep[]::new));
        stages = cut.toArray(KernelStep[][]::new);
        products = found.toArray(FusedDqp[]::new);
    }

    /** How many products the layer has; one stage more. */
    int products() {
        return products.length;
    }

    /** The product behind a stage. */
    FusedDqp product(int stage) {
        return products[stage];
    }

    /** Does what is between two products, up to the next one's input. */
    void run(int stage, Chunk token) {
        for (KernelStep step : stages[stage]) {
            step.run(token);
        }
    }

    /** Does what follows the last product. */
    void finish(Chunk token) {
        run(products.length, token);
    }

    @Override
    public KernelStep project(LayerStep.Project step) {
        MemorySegment input = buffers.of(step.input());
        FusedDqp product =
                new FusedDqp(
                        kernels.context(),
                        buffers.prepared,
                        weights.quantized(step.matrices()),
                        buffers.results(step.matrices()));
        found.add(product);
        return token -> product.prepare(input, 0);
    }

    @Override
    public KernelStep attend(LayerStep.Attend step) {
        ChunkVisibility visible = kernels.visibility(step.kind());
        FlowKv flow = kernels.flowKv();
        return token ->
                flow.run(
                        buffers.query,
                        cache,
                        visible.oldest(token.slot(0)),
                        token.end(),
                        buffers.attended);
    }
}
