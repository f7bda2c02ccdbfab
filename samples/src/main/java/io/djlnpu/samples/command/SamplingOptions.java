package io.djlnpu.samples.command;

import io.djlnpu.generate.GenerationConfig;
import java.util.List;
import picocli.CommandLine.Option;

/** How the next token is chosen; greedy unless a temperature is given. */
final class SamplingOptions {

    @Option(
            names = "--max-new-tokens",
            paramLabel = "N",
            description = "tokens at most (default: ${DEFAULT-VALUE})")
    private int maxNewTokens = 128;

    @Option(
            names = "--temperature",
            paramLabel = "X",
            description = "divides the logits; 0 is greedy (default: ${DEFAULT-VALUE})")
    private double temperature;

    @Option(names = "--top-k", paramLabel = "N", description = "keep the N likeliest tokens")
    private int topK;

    @Option(
            names = "--top-p",
            paramLabel = "X",
            description = "keep the likeliest tokens of this much probability together")
    private double topP = 1;

    @Option(
            names = "--min-p",
            paramLabel = "X",
            description = "keep tokens of at least this share of the likeliest one's probability")
    private double minP;

    @Option(
            names = "--repetition-penalty",
            paramLabel = "X",
            description = "makes tokens that were used less likely; 1 does nothing")
    private double repetitionPenalty = 1;

    @Option(names = "--seed", paramLabel = "N", description = "makes sampling repeatable")
    private Long seed;

    @Option(names = "--stop", paramLabel = "S", description = "text that ends the answer")
    private List<String> stop = List.of();

    GenerationConfig config() {
        GenerationConfig.Builder builder =
                GenerationConfig.builder()
                        .maxNewTokens(maxNewTokens)
                        .temperature(temperature)
                        .topK(topK)
                        .topP(topP)
                        .minP(minP)
                        .repetitionPenalty(repetitionPenalty)
                        .stop(stop);
        return (seed == null ? builder : builder.seed(seed)).build();
    }
}
