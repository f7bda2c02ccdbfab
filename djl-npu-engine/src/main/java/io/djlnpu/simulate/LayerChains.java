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
    private final Sides decodeSides;
    private final List<Link> head;
    private volatile Sides prefillSides;

    LayerChains(DecoderShape shape, NpuDevice device) {
        this.shape = shape;
        this.device = device;
        decodeSides = decodeSides();
        DataflowPlan logits = LmHead.plan(device, roundUp(shape.vocab()), shape.hidden());
        head = List.of(link(logits, Start.AFTER));
    }

    /** A layer of one new token that sees {@code keys} keys. */
    List<Link> decode(int keys) {
        return around(
                decodeSides,
                link(
                        FlowKv.plan(device, keys, shape.heads(), shape.kvHeads(), shape.headDim()),
                        Start.AHEAD));
    }

    /** A layer of a prompt. */
    List<Link> prefill(AttentionSpan span) {
        Sides sides = prefillSides;
        if (sides == null || sides.tokens() != span.tokens()) {
            sides = prefillSides(span.tokens());
            prefillSides = sides;
        }
        return around(
                sides,
                link(
                        FlowQkv.plan(device, span, shape.heads(), shape.kvHeads(), shape.headDim()),
                        Start.AFTER));
    }

    /** What stands before and after attention, which alone depends on the keys. */
    private record Sides(int tokens, List<Link> before, List<Link> after) {}

    private static List<Link> around(Sides sides, Link attention) {
        List<Link> links = new ArrayList<>(sides.before());
        links.add(attention);
        links.addAll(sides.after());
        return links;
    }

    private Sides decodeSides() {
        int hidden = shape.hidden();
        boolean sandwich = shape.norms().isSandwich();
        List<Link> before = new ArrayList<>();
        row(before, RmsNorm.plan(device, 1, hidden, !sandwich));
        ahead(before, fusedDqp(shape.fusedWidth(), hidden));
        heads(1).forEach(plan -> row(before, plan));
        List<Link> after = new ArrayList<>();
        ahead(after, fusedDqp(hidden, shape.queryWidth()));
        if (sandwich) {
            row(after, RmsNorm.plan(device, 1, hidden, true));
        }
        row(after, RmsNorm.plan(device, 1, hidden, !sandwich));
        ahead(after, fusedDqp(2 * shape.intermediate(), hidden));
        after.add(link(GegluMul.plan(device, 1, shape.intermediate()).withinL2(), Start.BESIDE));
        ahead(after, fusedDqp(hidden, shape.intermediate()));
        if (sandwich) {
            row(after, RmsNorm.plan(device, 1, hidden, true));
        }
        return new Sides(1, before, after);
    }

    private Sides prefillSides(int tokens) {
        int hidden = shape.hidden();
        boolean sandwich = shape.norms().isSandwich();
        List<Link> before = new ArrayList<>();
        after(before, RmsNorm.plan(device, tokens, hidden, !sandwich));
        project(before, tokens, shape.fusedWidth(), hidden);
        heads(tokens).forEach(plan -> after(before, plan));
        List<Link> after = new ArrayList<>();
        project(after, tokens, hidden, shape.queryWidth());
        if (sandwich) {
            after(after, RmsNorm.plan(device, tokens, hidden, true));
        }
        after(after, RmsNorm.plan(device, tokens, hidden, !sandwich));
        project(after, tokens, 2 * shape.intermediate(), hidden);
        after(after, GegluMul.plan(device, tokens, shape.intermediate()));
        project(after, tokens, hidden, shape.intermediate());
        if (sandwich) {
            after(after, RmsNorm.plan(device, tokens, hidden, true));
        }
        return new Sides(tokens, before, after);
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
        after(
                links,
                GegluMul.activationPlan(device, patches, vision.intermediate())
                        .named("VisionGelu"));
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
        return head;
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

    private void after(List<Link> links, DataflowPlan plan) {
        links.add(link(plan, Start.AFTER));
    }

    private void ahead(List<Link> links, DataflowPlan plan) {
        links.add(link(plan, Start.AHEAD));
    }

    private void row(List<Link> links, DataflowPlan plan) {
        links.add(link(plan.withinL2(), Start.AFTER));
    }

    private Link link(DataflowPlan plan, Start start) {
        return Link.of(device, plan, start);
    }

    private static int roundUp(int rows) {
        return Math.ceilDiv(rows, Q4nxFormat.BLOCK_ROWS) * Q4nxFormat.BLOCK_ROWS;
    }
}
