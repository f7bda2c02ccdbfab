package io.djlnpu.simulate;

import io.djlnpu.kernel.DequantEngine;
import io.djlnpu.kernel.FlowKv;
import io.djlnpu.kernel.FlowQkv;
import io.djlnpu.kernel.FusedDqp;
import io.djlnpu.kernel.LmHead;
import io.djlnpu.kernel.TiledMatmul;
import io.djlnpu.tile.DataflowPlan;
import io.djlnpu.tile.NpuDevice;
import io.djlnpu.timing.EnergyTable;
import io.djlnpu.timing.EnergyTable.Boundary;
import io.djlnpu.timing.KernelCost;
import io.djlnpu.timing.RunReport;
import io.djlnpu.timing.TimingModel;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Prices whole runs: the plans that a layer's kernels make for these sizes, in the order in which
 * they run.
 *
 * <p>Kernels of a layer follow each other; transfers, streams and arithmetic of one kernel overlap.
 * Element-wise kernels run beside the matrix kernels and are priced by the device's cost per layer
 * (decode) or per row (prefill).
 */
public final class Simulation {

    /** Pairs of a score tile and a value tile that attention is spread over, on eight columns. */
    private static final int ATTENTION_UNITS = 4;

    /** Tokens of text around an image. */
    private static final int SHORT_PROMPT = 20;

    /**
     * Element-wise passes of a decoder layer: four norms, two of heads, two rotations, the gate.
     */
    private static final int DECODER_ROW_KERNELS = 9;

    private final DecoderShape shape;
    private final NpuDevice device;
    private final TimingModel timing;
    private final Map<String, KernelCost> costs = new LinkedHashMap<>();

    private Simulation(DecoderShape shape, NpuDevice device) {
        this.shape = shape;
        this.device = device;
        timing = new TimingModel(device);
    }

    /**
     * Prices one decoded token.
     *
     * @param shape the model's sizes
     * @param device the device
     * @param context tokens in the cache
     * @return the cost of the token
     */
    public static RunReport decode(DecoderShape shape, NpuDevice device, int context) {
        requirePositive(context, "context");
        Simulation run = new Simulation(shape, device);
        run.addDecode(context);
        return run.report("decode", 0, context, 1, false);
    }

    /**
     * Prices a prompt, up to its first token.
     *
     * @param shape the model's sizes
     * @param device the device
     * @param prompt prompt tokens
     * @return the cost of the prompt
     */
    public static RunReport prefill(DecoderShape shape, NpuDevice device, int prompt) {
        requirePositive(prompt, "prompt");
        Simulation run = new Simulation(shape, device);
        run.addPrefill(prompt);
        return run.report("prefill", prompt, prompt, prompt, true);
    }

    /**
     * Prices an image with a short prompt, up to the first token.
     *
     * @param shape the model's sizes
     * @param device the device
     * @return the cost of the tower and of the prompt that the image makes
     * @throws IllegalArgumentException if the model has no vision tower
     */
    public static RunReport image(DecoderShape shape, NpuDevice device) {
        VisionShape vision =
                shape.vision()
                        .orElseThrow(
                                () ->
                                        new IllegalArgumentException(
                                                "the model has no vision tower, so an image has no"
                                                        + " price; choose phase prefill"));
        Simulation run = new Simulation(shape, device);
        run.addVision(vision);
        int prompt = vision.tokensPerImage() + SHORT_PROMPT;
        run.addPrefill(prompt);
        return run.report("image", prompt, prompt, prompt, true);
    }

    /**
     * Prices a finished request.
     *
     * @param shape the model's sizes
     * @param device the device
     * @param prompt prompt tokens
     * @param generated tokens of the answer, the first included
     * @return the cost of prompt and answer
     */
    public static RunReport request(
            DecoderShape shape, NpuDevice device, int prompt, int generated) {
        RunReport prefill = prefill(shape, device, prompt);
        Simulation run = new Simulation(shape, device);
        run.addPrefill(prompt);
        double decodeSeconds = 0;
        long decodeBytes = 0;
        // time is linear in context between a few sampled ones, and a sample stands for its stretch
        int steps = Math.min(8, Math.max(0, generated - 1));
        for (int i = 0; i < steps; i++) {
            int context = prompt + 1 + (int) ((generated - 1L) * (2 * i + 1) / (2 * steps));
            double weight = (generated - 1.0) / steps;
            RunReport token = decode(shape, device, context);
            decodeSeconds += weight * token.seconds();
            decodeBytes += (long) (weight * token.ddrBytes());
            token.kernels().forEach(cost -> run.add(scaled(cost, weight)));
        }
        double joules =
                prefill.joules()
                        + EnergyTable.KRACKAN.joules(
                                false, decodeSeconds, decodeBytes, Boundary.NPU_AND_MEMORY);
        RunReport all = run.report("request", prompt, prompt + generated, prompt + generated, true);
        return new RunReport(
                all.device(),
                all.phase(),
                prompt,
                all.context(),
                all.seconds(),
                generated / all.seconds(),
                joules,
                joules / Math.max(1, generated),
                all.ddrBytes(),
                all.bound(),
                all.kernels());
    }

    private static KernelCost scaled(KernelCost cost, double weight) {
        return new KernelCost(
                cost.name(),
                Math.round(cost.calls() * weight),
                cost.seconds() * weight,
                (long) (cost.ddrBytes() * weight),
                (long) (cost.flops() * weight),
                cost.bound());
    }

    private static void requirePositive(int tokens, String what) {
        if (tokens < 1) {
            throw new IllegalArgumentException(
                    what + " of " + tokens + " tokens, expected at least 1");
        }
    }

    private int attentionUnits() {
        return Math.max(1, Math.min(shape.kvHeads(), ATTENTION_UNITS * device.columns() / 8));
    }

    private void addDecode(int context) {
        int layers = shape.layers();
        projections(shape, device).forEach(plan -> add(timing.price(plan, layers, 0)));
        int local = shape.localLayers();
        addFlowKv(context, layers - local);
        addFlowKv(Math.min(context, shape.window()), local);
        add(timing.price(LmHead.plan(device, roundUp(shape.vocab()), shape.hidden()), 1, 0));
        add(timing.overhead("LayerBarrier", layers, device.decodeLayer().value()));
    }

    /** The projections of a layer in decode: QKV, output, gate with up, down. */
    static List<DataflowPlan> projections(DecoderShape shape, NpuDevice device) {
        return List.of(
                FusedDqp.plan(device, shape.fusedWidth(), shape.hidden()),
                FusedDqp.plan(device, shape.hidden(), shape.queryWidth()),
                FusedDqp.plan(device, 2 * shape.intermediate(), shape.hidden()),
                FusedDqp.plan(device, shape.hidden(), shape.intermediate()));
    }

    private void addFlowKv(int keys, int layers) {
        if (layers > 0) {
            DataflowPlan plan =
                    FlowKv.plan(device, keys, shape.heads(), shape.kvHeads(), shape.headDim());
            add(timing.price(plan, layers, attentionUnits()));
        }
    }

    private void addPrefill(int prompt) {
        int layers = shape.layers();
        addProjection(prompt, shape.fusedWidth(), shape.hidden());
        addProjection(prompt, shape.hidden(), shape.queryWidth());
        addProjection(prompt, 2 * shape.intermediate(), shape.hidden());
        addProjection(prompt, shape.hidden(), shape.intermediate());
        int local = shape.localLayers();
        addFlowQkv(prompt, meanKeys(prompt, prompt), layers - local);
        addFlowQkv(prompt, meanKeys(prompt, Math.min(prompt, shape.window())), local);
        add(timing.price(LmHead.plan(device, roundUp(shape.vocab()), shape.hidden()), 1, 0));
        add(timing.overhead("RowKernels", (long) layers * prompt, device.prefillRow().value()));
        add(timing.overhead("Reconfiguration", layers, device.prefillLayer().value()));
    }

    /** The tower's weights are bf16: its products need no dequantisation. */
    private void addVision(VisionShape vision) {
        int layers = vision.layers();
        int patches = vision.patches();
        int hidden = vision.hidden();
        addVisionProduct(patches, 3 * hidden, hidden, layers);
        addVisionProduct(patches, hidden, hidden, layers);
        addVisionProduct(patches, vision.intermediate(), hidden, layers);
        addVisionProduct(patches, hidden, vision.intermediate(), layers);
        addVisionProduct(patches, hidden, vision.patchValues(), 1);
        addVisionProduct(vision.tokensPerImage(), shape.hidden(), hidden, 1);
        DataflowPlan attention =
                FlowQkv.plan(
                        device,
                        patches,
                        patches,
                        vision.heads(),
                        vision.heads(),
                        hidden / vision.heads());
        add(timing.price(attention.named("VisionAttention"), layers, 0));
        double row = device.prefillRow().value() * VisionShape.ROW_KERNELS / DECODER_ROW_KERNELS;
        add(timing.overhead("VisionRowKernels", (long) layers * patches, row));
        add(timing.overhead("Reconfiguration", layers, device.prefillLayer().value()));
    }

    private void addVisionProduct(int tokens, int rows, int columns, int calls) {
        DataflowPlan plan = TiledMatmul.plan(device, tokens, roundUp(rows), columns);
        add(timing.price(plan.named("VisionMatmul"), calls, 0));
    }

    private void addProjection(int prompt, int rows, int columns) {
        add(timing.price(DequantEngine.plan(device, roundUp(rows), columns), shape.layers(), 0));
        add(
                timing.price(
                        TiledMatmul.plan(device, prompt, roundUp(rows), columns),
                        shape.layers(),
                        0));
    }

    private void addFlowQkv(int prompt, int keys, int layers) {
        if (layers > 0) {
            DataflowPlan plan =
                    FlowQkv.plan(
                            device, prompt, keys, shape.heads(), shape.kvHeads(), shape.headDim());
            add(timing.price(plan, layers, 0));
        }
    }

    /** Visible keys of a query, averaged over a causal prompt. */
    private static int meanKeys(int prompt, int window) {
        double keys = window * (window + 1.0) / 2 + (double) (prompt - window) * window;
        return (int) Math.round(keys / prompt);
    }

    private static int roundUp(int rows) {
        return Math.ceilDiv(rows, 32) * 32;
    }

    private void add(KernelCost cost) {
        costs.merge(
                cost.name(),
                cost,
                (a, b) ->
                        new KernelCost(
                                a.name(),
                                a.calls() + b.calls(),
                                a.seconds() + b.seconds(),
                                a.ddrBytes() + b.ddrBytes(),
                                a.flops() + b.flops(),
                                a.seconds() >= b.seconds() ? a.bound() : b.bound()));
    }

    private RunReport report(String phase, int prompt, int context, int tokens, boolean prefill) {
        List<KernelCost> kernels = new ArrayList<>(costs.values());
        kernels.sort(Comparator.comparingDouble(KernelCost::seconds).reversed());
        double seconds = kernels.stream().mapToDouble(KernelCost::seconds).sum();
        long bytes = kernels.stream().mapToLong(KernelCost::ddrBytes).sum();
        Map<KernelCost.Bound, Double> byBound = new LinkedHashMap<>();
        kernels.forEach(cost -> byBound.merge(cost.bound(), cost.seconds(), Double::sum));
        KernelCost.Bound bound =
                byBound.entrySet().stream()
                        .max(Map.Entry.comparingByValue())
                        .orElseThrow()
                        .getKey();
        double joules =
                EnergyTable.KRACKAN.joules(prefill, seconds, bytes, Boundary.NPU_AND_MEMORY);
        return new RunReport(
                device.name(),
                phase,
                prompt,
                context,
                seconds,
                tokens / seconds,
                joules,
                joules / tokens,
                bytes,
                bound,
                kernels);
    }
}
