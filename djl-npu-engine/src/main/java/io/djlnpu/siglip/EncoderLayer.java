package io.djlnpu.siglip;

import io.djlnpu.bundle.VisionWeights;
import io.djlnpu.bundle.VisionWeights.Linear;
import io.djlnpu.kernel.DenseMatmul;
import io.djlnpu.kernel.DenseWeights;
import io.djlnpu.kernel.KernelContext;
import io.djlnpu.kernel.LayerNorm;
import io.djlnpu.kernel.VisionAttention;
import io.djlnpu.q4nx.TiledMatrix;
import io.djlnpu.simd.TokenPanels.Finish;
import io.djlnpu.tile.DataflowPlan;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * One layer of the encoder: norm, query/key/value, attention, output and residual, norm, MLP and
 * residual. The products take a group of panels at a time.
 */
final class EncoderLayer {

    private final Function<TiledMatrix, DenseWeights> matrices;
    private final TowerBuffers buffers;
    private final VisionAttention attention;
    private final LayerNorm attentionNorm;
    private final DenseMatmul queryKeyValue;
    private final DenseMatmul output;
    private final LayerNorm mlpNorm;
    private final DenseMatmul first;
    private final DenseMatmul second;

    EncoderLayer(
            KernelContext context,
            TowerBuffers buffers,
            VisionAttention attention,
            float epsilon,
            VisionWeights.Layer weights,
            Function<TiledMatrix, DenseWeights> matrices) {
        this.matrices = matrices;
        this.buffers = buffers;
        this.attention = attention;
        attentionNorm = SiglipTower.norm(context, weights.attentionNorm(), epsilon);
        queryKeyValue =
                product(
                        context,
                        List.of(weights.query(), weights.key(), weights.value()),
                        Finish.STORE,
                        buffers.query,
                        buffers.key,
                        buffers.value);
        output = product(context, List.of(weights.output()), Finish.ADD, buffers.residual);
        mlpNorm = SiglipTower.norm(context, weights.mlpNorm(), epsilon);
        first = product(context, List.of(weights.first()), Finish.GELU, buffers.gelu);
        second = product(context, List.of(weights.second()), Finish.ADD, buffers.residual);
    }

    private DenseMatmul product(
            KernelContext context, List<Linear> linears, Finish finish, MemorySegment... outputs) {
        return new DenseMatmul(
                context,
                buffers.scratch,
                buffers.tokens,
                linears.stream().map(Linear::weight).map(matrices).toArray(DenseWeights[]::new),
                linears.stream().map(Linear::bias).toArray(float[][]::new),
                finish,
                outputs);
    }

    Stream<DataflowPlan> plans() {
        return Stream.of(queryKeyValue, output, first, second).map(DenseMatmul::plan);
    }

    /** Takes the residual stream of an image through the layer. */
    void run() {
        for (int panel = 0; panel < buffers.panels; panel += TowerBuffers.GROUP) {
            int count = Math.min(TowerBuffers.GROUP, buffers.panels - panel);
            attentionNorm.run(buffers.residual, panel, buffers.normed, 0, count);
            queryKeyValue.run(buffers.normed, 0, panel, count);
        }
        attention.run(buffers.query, buffers.key, buffers.value, buffers.query);
        for (int panel = 0; panel < buffers.panels; panel += TowerBuffers.GROUP) {
            int count = Math.min(TowerBuffers.GROUP, buffers.panels - panel);
            output.run(buffers.query, panel, panel, count);
            mlpNorm.run(buffers.residual, panel, buffers.normed, 0, count);
            first.run(buffers.normed, 0, 0, count);
            second.run(buffers.gelu, 0, panel, count);
        }
    }
}
