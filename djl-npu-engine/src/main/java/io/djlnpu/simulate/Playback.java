package io.djlnpu.simulate;

import io.djlnpu.bundle.DecoderSpec;
import io.djlnpu.program.LayerKind;
import io.djlnpu.simulate.Simulation.Phase;
import io.djlnpu.tile.DataflowPlan;
import io.djlnpu.tile.NpuDevice;
import io.djlnpu.tile.ObjectFifo;
import io.djlnpu.tile.Pipeline;
import io.djlnpu.tile.RuntimeSequence;
import io.djlnpu.timing.EventSimulator;
import io.djlnpu.timing.EventSimulator.Outcome;
import io.djlnpu.timing.EventSimulator.Span;
import io.djlnpu.timing.KernelChain.Link;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A run played event by event: each different part of it once (a global layer, a local layer, the
 * head; the tower's layer and ends), its kernels one after the other. What a run adds beyond its
 * kernels, dispatches and barriers, is not played, nor is what of a kernel hides behind the one
 * before: the analytic model knows both.
 *
 * @param kernels what happened in each kernel, in order
 * @param seconds time of all kernels, each as often as the run repeats its part
 * @param analyticSeconds the same by the analytic pipeline
 * @param spans what each tile, shim and DDR did while every part ran once, for a trace
 */
public record Playback(
        List<Kernel> kernels, double seconds, double analyticSeconds, List<Span> spans) {

    /** Copies the lists. */
    public Playback {
        kernels = List.copyOf(kernels);
        spans = List.copyOf(spans);
    }

    /**
     * One kernel.
     *
     * @param part of the run: {@code global layer}, {@code local layer}, {@code head}, {@code tower
     *     layer}, {@code tower ends}
     * @param repeats how often the run repeats the part
     * @param name the kernel
     * @param seconds its time, played
     * @param analyticSeconds its time by the analytic pipeline
     * @param bytes what crossed DDR
     * @param inputStallSeconds time in which cores waited for input, over all cores
     * @param outputStallSeconds time in which cores waited for a free output slot, over all cores
     */
    public record Kernel(
            String part,
            int repeats,
            String name,
            double seconds,
            double analyticSeconds,
            long bytes,
            double inputStallSeconds,
            double outputStallSeconds) {}

    private record Part(String name, int repeats, List<Link> links) {}

    /**
     * Plays a token, a prompt or an image's way through the tower.
     *
     * @param shape the model's sizes
     * @param device the device
     * @param phase what is run
     * @param tokens tokens in the cache for decode, of the prompt for prefill; an image brings its
     *     own
     * @return what happened
     * @throws IllegalArgumentException if there are no tokens, the model has no tower, or the run
     *     is too long to be played
     */
    public static Playback of(DecoderSpec shape, NpuDevice device, Phase phase, int tokens) {
        List<Part> parts = parts(shape, new LayerChains(shape, device), phase, tokens);
        EventSimulator.requirePlayable(
                parts.stream()
                        .flatMap(part -> part.links().stream())
                        .mapToLong(link -> sequence(device, link.plan()).objects())
                        .sum());
        Player player = new Player(device);
        parts.forEach(player::play);
        return player.finished();
    }

    private static List<Part> parts(
            DecoderSpec shape, LayerChains chains, Phase phase, int tokens) {
        if (phase == Phase.IMAGE) {
            VisionShape vision = VisionShape.of(shape);
            List<Part> parts = new ArrayList<>();
            parts.add(new Part("tower layer", vision.layers(), chains.vision(vision)));
            parts.add(new Part("tower ends", 1, chains.visionEnds(vision)));
            parts.addAll(parts(shape, chains, Phase.PREFILL, Simulation.imagePrompt(vision)));
            return parts;
        }
        RequestShape.requireTokens(tokens, phase == Phase.DECODE ? "context" : "prompt");
        int local = Simulation.localLayers(shape);
        List<Part> parts = new ArrayList<>();
        for (LayerKind kind : List.of(LayerKind.GLOBAL, LayerKind.LOCAL)) {
            int repeats = kind == LayerKind.LOCAL ? local : shape.layers() - local;
            if (repeats > 0) {
                parts.add(
                        new Part(
                                kind.name().toLowerCase(Locale.ROOT) + " layer",
                                repeats,
                                phase == Phase.DECODE
                                        ? chains.decode(kind, tokens)
                                        : chains.prefill(kind, tokens, 0)));
            }
        }
        parts.add(new Part("head", 1, chains.head()));
        return parts;
    }

    private static RuntimeSequence sequence(NpuDevice device, DataflowPlan plan) {
        return RuntimeSequence.of(device, plan, ObjectFifo.PING_PONG);
    }

    /** Plays parts one after the other. */
    private static final class Player {

        private final NpuDevice device;
        private final Map<RuntimeSequence, Outcome> played = new HashMap<>();
        private final List<Kernel> kernels = new ArrayList<>();
        private final List<Span> spans = new ArrayList<>();
        private double start;

        Player(NpuDevice device) {
            this.device = device;
        }

        void play(Part part) {
            part.links().forEach(link -> play(part, link.plan()));
        }

        private void play(Part part, DataflowPlan plan) {
            RuntimeSequence sequence = sequence(device, plan);
            Outcome outcome =
                    played.computeIfAbsent(
                            sequence, next -> EventSimulator.play(device, next, true));
            kernels.add(
                    new Kernel(
                            part.name(),
                            part.repeats(),
                            plan.kernel(),
                            outcome.seconds(),
                            Pipeline.of(device, sequence).seconds(),
                            outcome.bytes(),
                            outcome.inputStallSeconds(),
                            outcome.outputStallSeconds()));
            spans.add(new Span(part.name(), plan.kernel(), start, outcome.seconds()));
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

        Playback finished() {
            return new Playback(
                    kernels,
                    kernels.stream().mapToDouble(k -> k.repeats() * k.seconds()).sum(),
                    kernels.stream().mapToDouble(k -> k.repeats() * k.analyticSeconds()).sum(),
                    spans);
        }
    }
}
