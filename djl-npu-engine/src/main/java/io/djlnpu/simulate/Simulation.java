package io.djlnpu.simulate;

import io.djlnpu.bundle.DecoderSpec;
import io.djlnpu.program.LayerKind;
import io.djlnpu.q4nx.Q4nxFormat;
import io.djlnpu.tile.DataflowPlan;
import io.djlnpu.tile.NpuDevice;
import io.djlnpu.tile.Overheads;
import io.djlnpu.timing.EnergyTable;
import io.djlnpu.timing.KernelChain;
import io.djlnpu.timing.KernelCost;
import io.djlnpu.timing.RunReport;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Prices whole runs: the plans that a layer's kernels make for these sizes, in the order in which
 * they run, and what no kernel accounts for.
 */
public final class Simulation {

    /** Tokens of text around an image. */
    private static final int SHORT_PROMPT = 20;

    /** Cost of a token is nearly straight between a few contexts of an answer. */
    private static final int SAMPLES = 8;

    private final DecoderSpec shape;
    private final NpuDevice device;
    private final LayerChains chains;
    private final KernelChain prefill;
    private final KernelChain decode;

    /**
     * Constructs a pricer.
     *
     * @param shape the model's sizes
     * @param device the device
     */
    public Simulation(DecoderSpec shape, NpuDevice device) {
        this.shape = shape;
        this.device = device;
        chains = new LayerChains(shape, device);
        prefill = new KernelChain(EnergyTable.KRACKAN, true);
        decode = new KernelChain(EnergyTable.KRACKAN, false);
    }

    /** What may be priced. */
    public enum Phase {
        /** A prompt, up to its first token. */
        PREFILL,
        /** A token. */
        DECODE,
        /** An image with a short prompt. */
        IMAGE
    }

    /** Costs by kernel. */
    private static final class Bill {

        private final Map<String, KernelCost> costs = new LinkedHashMap<>();

        void add(KernelCost cost) {
            costs.merge(cost.name(), cost, KernelCost::plus);
        }

        void add(List<KernelCost> some) {
            some.forEach(this::add);
        }

        List<KernelCost> costs() {
            return List.copyOf(costs.values());
        }

        double seconds() {
            return costs.values().stream().mapToDouble(KernelCost::seconds).sum();
        }
    }

    /**
     * Prices one decoded token.
     *
     * @param shape the model's sizes
     * @param device the device
     * @param context tokens in the cache
     * @return the cost of the token
     */
    public static RunReport decode(DecoderSpec shape, NpuDevice device, int context) {
        Simulation simulation = new Simulation(shape, device);
        Bill bill = simulation.token(context);
        return simulation.report("decode", 0, context, 1, bill);
    }

    /**
     * Prices a prompt, up to its first token.
     *
     * @param shape the model's sizes
     * @param device the device
     * @param prompt prompt tokens
     * @return the cost of the prompt
     */
    public static RunReport prefill(DecoderSpec shape, NpuDevice device, int prompt) {
        RequestShape.requireTokens(prompt, "prompt");
        Simulation simulation = new Simulation(shape, device);
        Bill bill = new Bill();
        simulation.addPrompt(bill, prompt, 0);
        return simulation.report("prefill", prompt, prompt, prompt, bill);
    }

    /**
     * Prices an image with a short prompt, up to the first token.
     *
     * @param shape the model's sizes
     * @param device the device
     * @return the cost of the tower and of the prompt that the image makes
     * @throws IllegalArgumentException if the model has no vision tower
     */
    public static RunReport image(DecoderSpec shape, NpuDevice device) {
        Simulation simulation = new Simulation(shape, device);
        Bill bill = new Bill();
        simulation.addImages(bill, 1);
        int prompt = imagePrompt(VisionShape.of(shape));
        simulation.addPrompt(bill, prompt, 0);
        return simulation.report("image", prompt, prompt, prompt, bill);
    }

    /** Layers that see no more than a window. */
    static int localLayers(DecoderSpec shape) {
        return Math.toIntExact(shape.localLayers().stream().filter(local -> local).count());
    }

    /** Tokens of the prompt that an image with a little text makes. */
    static int imagePrompt(VisionShape vision) {
        return vision.tokensPerImage() + SHORT_PROMPT;
    }

    /**
     * Prices a request of text alone.
     *
     * @param shape the model's sizes
     * @param device the device
     * @param prompt prompt tokens
     * @param generated tokens of the answer, the first included
     * @return the cost of prompt and answer
     */
    public static RunReport request(
            DecoderSpec shape, NpuDevice device, int prompt, int generated) {
        return new Simulation(shape, device).price(RequestShape.of(prompt, generated));
    }

    /**
     * Prices a request: images, prompt and answer.
     *
     * @param request its sizes
     * @return the cost; its tokens per second and joules per token are those of the answer
     * @throws IllegalArgumentException if there are images and the model has no vision tower
     */
    public RunReport price(RequestShape request) {
        Bill bill = new Bill();
        if (request.images() > 0) {
            addImages(bill, request.images());
        }
        int prompt = request.prompt();
        addPrompt(bill, prompt - request.cached(), request.cached());
        // the first token of the answer is the prompt's
        int steps = Math.max(0, request.generated() - 1);
        int samples = Math.min(SAMPLES, steps);
        for (int i = 0; i < samples; i++) {
            int context = prompt + 1 + (int) ((long) steps * (2 * i + 1) / (2 * samples));
            double weight = (double) steps / samples;
            token(context).costs().forEach(cost -> bill.add(cost.times(weight)));
        }
        int context = prompt + request.generated();
        return report("request", prompt, context, Math.max(1, request.generated()), bill);
    }

    /**
     * Plans the layers of a run: the kernels of one that sees all keys, in order.
     *
     * @param phase what is run
     * @param tokens tokens in the cache for decode, of the prompt for prefill
     * @return the plans; an image's are the tower's
     */
    public List<DataflowPlan> plans(Phase phase, int tokens) {
        List<KernelChain.Link> links =
                switch (phase) {
                    case DECODE -> chains.decode(LayerKind.GLOBAL, tokens);
                    case PREFILL -> chains.prefill(LayerKind.GLOBAL, tokens, 0);
                    case IMAGE -> chains.vision(VisionShape.of(shape));
                };
        return links.stream().map(KernelChain.Link::plan).toList();
    }

    /** Prices the token that sees {@code context} keys. */
    private Bill token(int context) {
        RequestShape.requireTokens(context, "context");
        Bill bill = tokenLayers(context);
        bill.add(decode.price(chains.head(), 1));
        return bill;
    }

    private Bill tokenLayers(int context) {
        Bill bill = new Bill();
        int local = localLayers(shape);
        bill.add(decode.price(chains.decode(LayerKind.GLOBAL, context), shape.layers() - local));
        bill.add(decode.price(chains.decode(LayerKind.LOCAL, context), local));
        bill.add(
                decode.overhead(
                        "LayerBarrier",
                        (long) shape.layers() * shape.style().norms().count(),
                        device.overheads().decodeBarrier().value()));
        return bill;
    }

    /**
     * Adds a prompt the faster way: all tokens at once, or, of very few, one after the other, as
     * what a layer costs once per prompt is as much as some twenty decoded tokens.
     */
    private void addPrompt(Bill bill, int tokens, int past) {
        Bill together = together(tokens, past);
        Bill inTurn = inTurn(tokens, past);
        bill.add((inTurn.seconds() < together.seconds() ? inTurn : together).costs());
    }

    /**
     * A token costs nearly as much as the one before, so that the one in the middle stands for all.
     */
    private Bill inTurn(int tokens, int past) {
        Bill bill = new Bill();
        int middle = past + (tokens + 1) / 2;
        tokenLayers(middle).costs().forEach(cost -> bill.add(cost.times(tokens)));
        bill.add(decode.price(chains.head(), 1));
        return bill;
    }

    private Bill together(int tokens, int past) {
        Bill bill = new Bill();
        int layers = shape.layers();
        int local = localLayers(shape);
        Overheads overheads = device.overheads();
        bill.add(prefill.price(chains.prefill(LayerKind.GLOBAL, tokens, past), layers - local));
        bill.add(prefill.price(chains.prefill(LayerKind.LOCAL, tokens, past), local));
        bill.add(prefill.price(chains.head(), 1));
        long rows = (long) layers * tokens;
        bill.add(prefill.overhead("RowHandover", rows, overheads.prefillRow().value()));
        if (shape.hiddenSize() % Q4nxFormat.BLOCK_COLUMNS != 0) {
            bill.add(prefill.overhead("RowPadding", rows, overheads.paddedRow().value()));
        }
        bill.add(prefill.overhead("Reconfiguration", layers, overheads.prefillLayer().value()));
        return bill;
    }

    private void addImages(Bill bill, int images) {
        VisionShape vision = VisionShape.of(shape);
        int layers = Math.multiplyExact(images, vision.layers());
        bill.add(prefill.price(chains.vision(vision), layers));
        bill.add(prefill.price(chains.visionEnds(vision), images));
        bill.add(
                prefill.overhead(
                        "VisionRowHandover",
                        (long) layers * vision.patches(),
                        device.overheads().prefillRow().value()));
        bill.add(
                prefill.overhead(
                        "Reconfiguration",
                        vision.layers(),
                        device.overheads().prefillLayer().value()));
    }

    /** Prices the tower's layers alone, as a run of nothing but encoding repeats them. */
    RunReport tower() {
        VisionShape vision = VisionShape.of(shape);
        Bill bill = new Bill();
        bill.add(prefill.price(chains.vision(vision), vision.layers()));
        int tokens = vision.tokensPerImage();
        return report("image", tokens, tokens, tokens, bill);
    }

    private RunReport report(String phase, int prompt, int context, int tokens, Bill bill) {
        return RunReport.of(
                new RunReport.Subject(device.name(), phase, prompt, context, tokens), bill.costs());
    }
}
