package io.djlnpu.simulate;

import io.djlnpu.kernel.AttentionSpan;
import io.djlnpu.kernel.AveragePool;
import io.djlnpu.kernel.DenseMatmul;
import io.djlnpu.kernel.DequantEngine;
import io.djlnpu.kernel.FlowKv;
import io.djlnpu.kernel.FlowQkv;
import io.djlnpu.kernel.FusedDqp;
import io.djlnpu.kernel.GegluMul;
import io.djlnpu.kernel.LayerNorm;
import io.djlnpu.kernel.LmHead;
import io.djlnpu.kernel.RmsNorm;
import io.djlnpu.kernel.Rope;
import io.djlnpu.kernel.TiledMatmul;
import io.djlnpu.kernel.VisionAttention;
import io.djlnpu.q4nx.Q4nxFormat;
import io.djlnpu.tile.DataflowPlan;
import io.djlnpu.tile.NpuDevice;
import io.djlnpu.timing.KernelChain.Link;
import io.djlnpu.timing.KernelChain.Start;
import java.util.ArrayList;
import java.util.List;

/**
 * The kernels of a layer in the order in which they run, planned for a device.
 *
 * <p>In decode, rows stay in the mem tiles between kernels and weights are fetched ahead; in
 * prefill every kernel is a program of its own, and rows cross DDR between them.
 */
final class LayerChains {

    private final DecoderShape shape;
    private final NpuDevice device;

    LayerChains(DecoderShape shape, NpuDevice device) {
        this.shape = shape;
        this.device = device;
    }

    /** A layer of one new token that sees {@code keys} keys. */
    List<Link> decode(int keys) {
        int hidden = shape.hidden();
        boolean sandwich = shape.norms().isSandwich();
        List<Link> links = new ArrayList<>();
        row(links, RmsNorm.plan(device, 1, hidden, !sandwich));
        ahead(links, fusedDqp(shape.fusedWidth(), hidden));
        heads(1).forEach(plan -> row(links, plan));
        ahead(links, FlowKv.plan(device, keys, shape.heads(), shape.kvHeads(), shape.headDim()));
        ahead(links, fusedDqp(hidden, shape.queryWidth()));
        if (sandwich) {
            row(links, RmsNorm.plan(device, 1, hidden, true));
        }
        row(links, RmsNorm.plan(device, 1, hidden, !sandwich));
        ahead(links, fusedDqp(2 * shape.intermediate(), hidden));
        links.add(
                new Link(GegluMul.plan(device, 1, shape.intermediate()).withinL2(), Start.BESIDE));
        ahead(links, fusedDqp(hidden, shape.intermediate()));
        if (sandwich) {
            row(links, RmsNorm.plan(device, 1, hidden, true));
        }
        return links;
    }

    /** A layer of a prompt. */
    List<Link> prefill(AttentionSpan span) {
        int tokens = span.tokens();
        int hidden = shape.hidden();
        boolean sandwich = shape.norms().isSandwich();
        List<Link> links = new ArrayList<>();
        after(links, RmsNorm.plan(device, tokens, hidden, !sandwich));
        project(links, tokens, shape.fusedWidth(), hidden);
        heads(tokens).forEach(plan -> after(links, plan));
        after(links, FlowQkv.plan(device, span, shape.heads(), shape.kvHeads(), shape.headDim()));
        project(links, tokens, hidden, shape.queryWidth());
        if (sandwich) {
            after(links, RmsNorm.plan(device, tokens, hidden, true));
        }
        after(links, RmsNorm.plan(device, tokens, hidden, !sandwich));
        project(links, tokens, 2 * shape.intermediate(), hidden);
        after(links, GegluMul.plan(device, tokens, shape.intermediate()));
        project(links, tokens, hidden, shape.intermediate());
        if (sandwich) {
            after(links, RmsNorm.plan(device, tokens, hidden, true));
        }
        return links;
    }

    /** A layer of the tower. Its weights are bf16, its products need no dequantisation. */
    List<Link> vision(VisionShape vision) {
        int patches = vision.patches();
        int hidden = vision.hidden();
        List<Link> links = new ArrayList<>();
        after(links, LayerNorm.plan(device, patches, hidden));
        after(links, DenseMatmul.plan(device, patches, 3 * hidden, hidden));
        after(
                links,
                VisionAttention.plan(device, patches, vision.heads(), hidden / vision.heads()));
        after(links, DenseMatmul.plan(device, patches, hidden, hidden));
        after(links, LayerNorm.plan(device, patches, hidden));
        after(links, DenseMatmul.plan(device, patches, vision.intermediate(), hidden));
        after(links, GegluMul.plan(device, patches, vision.intermediate()).named("VisionGelu"));
        after(links, DenseMatmul.plan(device, patches, hidden, vision.intermediate()));
        return links;
    }

    /** What the tower does once: patches to its width, and soft tokens to the decoder's. */
    List<Link> visionEnds(VisionShape vision) {
        int hidden = vision.hidden();
        int tokens = vision.tokensPerImage();
        List<Link> links = new ArrayList<>();
        after(links, DenseMatmul.plan(device, vision.patches(), hidden, vision.patchValues()));
        after(links, AveragePool.plan(device, vision.patches(), tokens, hidden));
        after(links, DenseMatmul.plan(device, tokens, shape.hidden(), hidden));
        return links;
    }

    /** The last token's logits. */
    List<Link> head() {
        DataflowPlan plan = LmHead.plan(device, roundUp(shape.vocab()), shape.hidden());
        return List.of(new Link(plan, Start.AFTER));
    }

    /** Norms of heads, where the model has them, and rotations. */
    private List<DataflowPlan> heads(int tokens) {
        int heads = shape.heads() + shape.kvHeads();
        List<DataflowPlan> plans = new ArrayList<>();
        if (shape.norms().headNorms()) {
            int rows = Math.multiplyExact(tokens, heads);
            plans.add(RmsNorm.plan(device, rows, shape.headDim(), false));
        }
        plans.add(Rope.plan(device, tokens, heads, shape.headDim()));
        return plans;
    }

    private DataflowPlan fusedDqp(int rows, int columns) {
        return FusedDqp.plan(device, roundUp(rows), columns);
    }

    private void project(List<Link> links, int tokens, int rows, int columns) {
        after(links, DequantEngine.plan(device, roundUp(rows), columns));
        after(links, TiledMatmul.plan(device, tokens, roundUp(rows), columns));
    }

    private static void after(List<Link> links, DataflowPlan plan) {
        links.add(new Link(plan, Start.AFTER));
    }

    private static void ahead(List<Link> links, DataflowPlan plan) {
        links.add(new Link(plan, Start.AHEAD));
    }

    private static void row(List<Link> links, DataflowPlan plan) {
        links.add(new Link(plan.withinL2(), Start.AFTER));
    }

    private static int roundUp(int rows) {
        return Math.ceilDiv(rows, Q4nxFormat.BLOCK_ROWS) * Q4nxFormat.BLOCK_ROWS;
    }
}
