package io.djlnpu.samples.command;

import io.djlnpu.decoder.DecoderOptions;
import io.djlnpu.decoder.Numerics;
import io.djlnpu.decoder.WeightLayout;
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

    DecoderOptions with(CommonOptions common) {
        return DecoderOptions.defaults()
                .withNumerics(numerics)
                .withThreads(common.threads)
                .withWeights(weights);
    }
}
