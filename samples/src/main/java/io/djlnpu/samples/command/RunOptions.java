package io.djlnpu.samples.command;

import io.djlnpu.gemma3.Gemma3Options;
import io.djlnpu.gemma3.Numerics;
import io.djlnpu.gemma3.WeightLayout;
import picocli.CommandLine.Option;

/** How a model is run. */
final class RunOptions {

    @Option(
            names = "--numerics",
            paramLabel = "N",
            description =
                    "what kernels exchange: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE})")
    Numerics numerics = Numerics.BF16;

    @Option(
            names = "--weights",
            paramLabel = "W",
            description =
                    "where weights are read from: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE})")
    WeightLayout weights = WeightLayout.AUTO;

    Gemma3Options with(CommonOptions common) {
        return Gemma3Options.defaults()
                .withNumerics(numerics)
                .withThreads(common.threads)
                .withWeights(weights);
    }
}
