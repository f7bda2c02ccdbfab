package io.djlnpu.samples.command;

import io.djlnpu.bundle.DecoderSpec;
import io.djlnpu.simulate.Simulation;
import io.djlnpu.tile.NpuDevice;
import io.djlnpu.timing.RunReport;
import java.util.Locale;

/** What an answer would cost on the NPU, in one line. */
final class NpuCost {

    private NpuCost() {}

    static String of(DecoderSpec shape, int promptTokens, int newTokens) {
        if (newTokens == 0) {
            return "";
        }
        RunReport report = Simulation.request(shape, NpuDevice.KRACKAN, promptTokens, newTokens);
        return String.format(
                Locale.ROOT, "NPU (model): %.2f s, %.1f J", report.seconds(), report.joules());
    }
}
