package io.djlnpu.timing;

import java.util.List;

/**
 * What a run costs on the NPU.
 *
 * @param device the device's name
 * @param phase {@code prefill}, {@code decode}, {@code image} or {@code request}
 * @param prompt prompt tokens
 * @param context tokens in the cache
 * @param seconds time of the run; of one token in decode
 * @param tokensPerSecond tokens over seconds
 * @param joules energy within the boundary NPU and memory
 * @param joulesPerToken energy over tokens
 * @param ddrBytes bytes between DDR and the array
 * @param bound what most of the time is spent waiting for
 * @param kernels where the time goes
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
        long ddrBytes,
        KernelCost.Bound bound,
        List<KernelCost> kernels) {

    /** Copies the list. */
    public RunReport {
        kernels = List.copyOf(kernels);
    }
}
