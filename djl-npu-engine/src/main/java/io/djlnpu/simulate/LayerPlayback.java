package io.djlnpu.simulate;

import io.djlnpu.tile.DataflowPlan;
import io.djlnpu.tile.NpuDevice;
import io.djlnpu.tile.ObjectFifo;
import io.djlnpu.tile.Pipeline;
import io.djlnpu.tile.RuntimeSequence;
import io.djlnpu.timing.EventSimulator;
import io.djlnpu.timing.EventSimulator.Outcome;
import io.djlnpu.timing.EventSimulator.Span;
import io.djlnpu.timing.KernelChain;
import java.util.ArrayList;
import java.util.List;

/**
 * One decoder layer of a token, played event by event: its kernels, each after the other.
 * Dispatches and barriers are not played.
 *
 * @param kernels what happened in each kernel, in order
 * @param seconds time of all
 * @param spans what each tile, shim and DDR did, for a trace
 */
public record LayerPlayback(List<Kernel> kernels, double seconds, List<Span> spans) {

    /** Copies the lists. */
    public LayerPlayback {
        kernels = List.copyOf(kernels);
        spans = List.copyOf(spans);
    }

    /**
     * One kernel.
     *
     * @param name the kernel
     * @param seconds its time, played
     * @param analyticSeconds its time by the analytic pipeline
     * @param bytes what crossed DDR
     * @param inputStallSeconds time in which cores waited for input, over all cores
     * @param outputStallSeconds time in which cores waited for a free output slot, over all cores
     */
    public record Kernel(
            String name,
            double seconds,
            double analyticSeconds,
            long bytes,
            double inputStallSeconds,
            double outputStallSeconds) {}

    /**
     * Plays a global layer.
     *
     * @param shape the model's sizes
     * @param device the device
     * @param context tokens in the cache
     * @return what happened
     * @throws IllegalArgumentException if the context is empty
     */
    public static LayerPlayback decode(DecoderShape shape, NpuDevice device, int context) {
        if (context < 1) {
            throw new IllegalArgumentException(
                    "context of " + context + " tokens, expected at least 1");
        }
        List<DataflowPlan> plans =
                new LayerChains(shape, device)
                        .decode(context).stream().map(KernelChain.Link::plan).toList();
        List<Kernel> kernels = new ArrayList<>();
        List<Span> spans = new ArrayList<>();
        double start = 0;
        for (DataflowPlan plan : plans) {
            RuntimeSequence sequence = RuntimeSequence.of(plan, ObjectFifo.PING_PONG);
            Outcome outcome = EventSimulator.play(device, sequence, true);
            kernels.add(
                    new Kernel(
                            plan.kernel(),
                            outcome.seconds(),
                            Pipeline.of(device, sequence).seconds(),
                            outcome.bytes(),
                            outcome.inputStallSeconds(),
                            outcome.outputStallSeconds()));
            for (Span span : outcome.spans()) {
                spans.add(
                        new Span(
                                span.track(),
                                plan.kernel() + " " + span.name(),
                                start + span.startSeconds(),
                                span.seconds()));
            }
            start += outcome.seconds();
        }
        return new LayerPlayback(kernels, start, spans);
    }
}
