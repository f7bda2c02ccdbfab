package io.djlnpu.timing;

import io.djlnpu.timing.Energy.Boundary;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What a run costs on the NPU.
 *
 * @param device the device's name
 * @param phase {@code prefill}, {@code decode}, {@code image} or {@code request}
 * @param prompt prompt tokens
 * @param context tokens in the cache
 * @param seconds time of the run; of one token in decode
 * @param tokensPerSecond tokens over seconds
 * @param joules energy within {@code boundary}
 * @param joulesPerToken energy over tokens
 * @param boundary what {@code joules} counts
 * @param energy joules by where they are spent, by the figures of {@link EnergyTable#KRACKAN}
 *     whatever the device
 * @param ddrBytes bytes between DDR and the array
 * @param bound what most of the time is spent waiting for
 * @param kernels where the time goes, slowest first
 */
public record RunReport(
        String device,
        String phase,
        int prompt,
        int context,
        double seconds,
        double tokensPerSecond,
        double joules,
        double joulesPerToken,
        Boundary boundary,
        Energy energy,
        long ddrBytes,
        KernelCost.Bound bound,
        List<KernelCost> kernels) {

    /** Copies the list. */
    public RunReport {
        kernels = List.copyOf(kernels);
    }

    /**
     * What was run.
     *
     * @param device the device's name
     * @param phase {@code prefill}, {@code decode}, {@code image} or {@code request}
     * @param prompt prompt tokens
     * @param context tokens in the cache
     * @param tokens what time and energy are divided by
     */
    public record Subject(String device, String phase, int prompt, int context, int tokens) {}

    /**
     * Sums kernels up.
     *
     * @param subject what was run
     * @param costs one cost a kernel
     * @return the report, its joules within NPU and memory
     */
    public static RunReport of(Subject subject, List<KernelCost> costs) {
        double seconds = costs.stream().mapToDouble(KernelCost::seconds).sum();
        Energy energy = costs.stream().map(KernelCost::energy).reduce(Energy.NONE, Energy::plus);
        Map<KernelCost.Bound, Double> byBound = new EnumMap<>(KernelCost.Bound.class);
        costs.forEach(cost -> byBound.merge(cost.bound(), cost.seconds(), Double::sum));
        double joules = energy.joules(Boundary.NPU_AND_MEMORY);
        return new RunReport(
                subject.device(),
                subject.phase(),
                subject.prompt(),
                subject.context(),
                seconds,
                subject.tokens() / seconds,
                joules,
                joules / subject.tokens(),
                Boundary.NPU_AND_MEMORY,
                energy,
                costs.stream().mapToLong(KernelCost::ddrBytes).sum(),
                byBound.entrySet().stream()
                        .max(Map.Entry.comparingByValue())
                        .orElseThrow()
                        .getKey(),
                costs.stream()
                        .sorted(Comparator.comparingDouble(KernelCost::seconds).reversed())
                        .toList());
    }
}
