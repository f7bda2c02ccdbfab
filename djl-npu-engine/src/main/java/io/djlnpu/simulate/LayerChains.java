package io.djlnpu.simulate;

import io.djlnpu.bundle.DecoderSpec;
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
import io.djlnpu.program.LayerKind;
import io.djlnpu.program.LayerProgram;
import io.djlnpu.program.LayerStep;
import io.djlnpu.program.Operand;
import io.djlnpu.q4nx.Q4nxFormat;
import io.djlnpu.tile.DataflowPlan;
import io.djlnpu.tile.NpuDevice;
import io.djlnpu.timing.KernelChain.Link;
import io.djlnpu.timing.KernelChain.Start;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A layer's program read as kernels planned for a device, and the tower's layer beside it.
 *
 * <p>In decode, rows stay in the mem tiles between kernels and weights are fetched ahead; in
 * prefill every kernel is a program of its own, and rows cross DDR between them.
 */
final class LayerChains {

    private final DecoderSpec shape;
    private final NpuDevice device;
    private final List<Link> head;
    private final Map<LayerKind, Fixed> decode = new EnumMap<>(LayerKind.class);
    private final Map<LayerKind, Fixed> prefill = new ConcurrentHashMap<>();

    LayerChains(DecoderSpec shape, NpuDevice device) {
        this.shape = shape;
        this.device = device;
        for (LayerKind kind : LayerKind.values()) {
            decode.put(kind, fixed(kind, 1, this::decoded));
        }
        DataflowPlan logits = LmHead.plan(device, roundUp(shape.vocabSize()), shape.hiddenSize());
        head = List.of(link(logits, Start.AFTER));
    }

    /** A layer of one new token, with {@code context} tokens in the cache. */
    List<Link> decode(LayerKind kind, int context) {
        int keys = kind == LayerKind.LOCAL ? Math.min(context, shape.slidingWindow()) : context;
        DataflowPlan attends =
                FlowKv.plan(device, keys, shape.heads(), shape.kvHeads(), shape.headDim());
        return decode.get(kind).with(link(attends, Start.AHEAD));
    }

    /** A layer of a prompt, with {@code past} tokens in the cache before it. */
    List<Link> prefill(LayerKind kind, int tokens, int past) {
        AttentionSpan span =
                kind == LayerKind.LOCAL
                        ? AttentionSpan.windowed(tokens, past, shape.slidingWindow())
                        : AttentionSpan.causal(tokens, past);
        Fixed fixed = prefill.get(kind);
        if (fixed == null || fixed.tokens() != tokens) {
            fixed = fixed(kind, tokens, this::prefilled);
            prefill.put(kind, fixed);
        }
        DataflowPlan attends =
                FlowQkv.plan(device, span, shape.heads(), shape.kvHeads(), shape.headDim());
        return fixed.with(link(attends, Start.AFTER));
    }

    /** What does not depend on the keys: all but attention, and where that stands. */
    private record Fixed(int tokens, List<Link> links, int attention) {

        List<Link> with(Link attends) {
            List<Link> all = new ArrayList<>(links);
            all.add(attention, attends);
            return all;
        }
    }

    /** How a step is run: the kernels of {@code tokens} rows; none for attention. */
    private interface Reading {
        List<Link> links(LayerStep step, int tokens, boolean sumsFirst);
    }

    private Fixed fixed(LayerKind kind, int tokens, Reading reading) {
        LayerProgram program = LayerProgram.of(shape.style(), kind);
        List<Link> links = new ArrayList<>();
        int attention = 0;
        for (int i = 0; i < program.steps().size(); i++) {
            LayerStep step = program.steps().get(i);
            if (step instanceof LayerStep.Attend) {
                attention = links.size();
            }
            links.addAll(reading.links(step, tokens, program.followsAdd(i)));
        }
        return new Fixed(tokens, links, attention);
    }

    private List<Link> decoded(LayerStep step, int tokens, boolean sumsFirst) {
        return switch (step) {
            case LayerStep.Norm norm -> row(norm(tokens, sumsFirst), Start.AFTER);
            case LayerStep.NormAdd norm -> row(norm(tokens, true), Start.AFTER);
            case LayerStep.NormHeads heads -> row(headNorms(tokens), Start.AFTER);
            case LayerStep.Rotate rotate -> row(rope(tokens), Start.AFTER);
            case LayerStep.Gate gate -> row(gate(gate, tokens), Start.BESIDE);
            case LayerStep.Project project ->
                    List.of(
                            link(
                                    FusedDqp.plan(device, rows(project), columns(project)),
                                    Start.AHEAD));
            // keys and values are written as they come; the next norm does the sum on its way
            case LayerStep.Append append -> List.of();
            case LayerStep.Add add -> List.of();
            case LayerStep.Attend attend -> List.of();
        };
    }

    private List<Link> prefilled(LayerStep step, int tokens, boolean sumsFirst) {
        return switch (step) {
            case LayerStep.Norm norm -> after(norm(tokens, sumsFirst));
            case LayerStep.NormAdd norm -> after(norm(tokens, true));
            case LayerStep.NormHeads heads -> after(headNorms(tokens));
            case LayerStep.Rotate rotate -> after(rope(tokens));
            case LayerStep.Gate gate -> after(gate(gate, tokens));
            case LayerStep.Project project ->
                    after(
                            DequantEngine.plan(device, rows(project), columns(project)),
                            TiledMatmul.plan(device, tokens, rows(project), columns(project)));
            case LayerStep.Append append -> List.of();
            case LayerStep.Add add -> List.of();
            case LayerStep.Attend attend -> List.of();
        };
    }

    private DataflowPlan norm(int tokens, boolean sum) {
        return RmsNorm.plan(device, tokens, shape.hiddenSize(), sum);
    }

    private DataflowPlan headNorms(int tokens) {
        int heads = shape.heads() + shape.kvHeads();
        return RmsNorm.plan(device, Math.multiplyExact(tokens, heads), shape.headDim(), false);
    }

    private DataflowPlan rope(int tokens) {
        return Rope.plan(device, tokens, shape.heads() + shape.kvHeads(), shape.headDim());
    }

    private DataflowPlan gate(LayerStep.Gate step, int tokens) {
        return GegluMul.plan(device, tokens, shape.intermediateSize(), step.activation());
    }

    private int rows(LayerStep.Project project) {
        return roundUp(
                project.matrices().stream()
                        .mapToInt(matrix -> Operand.productOf(matrix).width(shape))
                        .sum());
    }

    private int columns(LayerStep.Project project) {
        return project.input().width(shape);
    }

    /** A layer of the tower. Its weights are bf16, its products need no dequantisation. */
    List<Link> vision(VisionShape vision) {
        int patches = vision.patches();
        int hidden = vision.hidden();
        return after(
                LayerNorm.plan(device, patches, hidden),
                DenseMatmul.plan(device, patches, 3 * hidden, hidden),
                VisionAttention.plan(device, patches, vision.heads(), hidden / vision.heads()),
                DenseMatmul.plan(device, patches, hidden, hidden),
                LayerNorm.plan(device, patches, hidden),
                DenseMatmul.plan(device, patches, vision.intermediate(), hidden),
                GegluMul.activationPlan(device, patches, vision.intermediate()).named("VisionGelu"),
                DenseMatmul.plan(device, patches, hidden, vision.intermediate()));
    }

    /** What the tower does once: patches to its width, and soft tokens to the decoder's. */
    List<Link> visionEnds(VisionShape vision) {
        int hidden = vision.hidden();
        int tokens = vision.tokensPerImage();
        return after(
                DenseMatmul.plan(device, vision.patches(), hidden, vision.patchValues()),
                AveragePool.plan(device, vision.patches(), tokens, hidden),
                DenseMatmul.plan(device, tokens, shape.hiddenSize(), hidden));
    }

    /** The last token's logits. */
    List<Link> head() {
        return head;
    }

    private List<Link> after(DataflowPlan... plans) {
        return Arrays.stream(plans).map(plan -> link(plan, Start.AFTER)).toList();
    }

    private List<Link> row(DataflowPlan plan, Start start) {
        return List.of(link(plan.withinL2(), start));
    }

    private Link link(DataflowPlan plan, Start start) {
        return Link.of(device, plan, start);
    }

    private static int roundUp(int rows) {
        return Math.ceilDiv(rows, Q4nxFormat.BLOCK_ROWS) * Q4nxFormat.BLOCK_ROWS;
    }
}
