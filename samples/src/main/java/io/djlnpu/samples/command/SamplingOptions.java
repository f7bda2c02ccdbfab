package io.djlnpu.samples.command;

import io.djlnpu.generate.GenerationConfig;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import picocli.CommandLine.Option;

/** How the next token is chosen; what is not given is left to the command. */
final class SamplingOptions {

    private static final Pattern CAPITAL = Pattern.compile("[A-Z]");

    @Option(
            names = {"-n", "--max-new-tokens"},
            paramLabel = "N",
            description = "tokens at most (default: 128; in chat what the context holds)")
    private Integer maxNewTokens;

    @Option(
            names = "--temperature",
            paramLabel = "X",
            description =
                    "divides the logits; 0 is greedy (default: 0; in chat this, the filters and the"
                            + " penalty are what the model's generation_config.json says)")
    private Double temperature;

    @Option(names = "--top-k", paramLabel = "N", description = "keep the N likeliest tokens")
    private Integer topK;

    @Option(
            names = "--top-p",
            paramLabel = "X",
            description = "keep the likeliest tokens of this much probability together")
    private Double topP;

    @Option(
            names = "--min-p",
            paramLabel = "X",
            description = "keep tokens of at least this share of the likeliest one's probability")
    private Double minP;

    @Option(
            names = "--repetition-penalty",
            paramLabel = "X",
            description = "makes tokens that were used less likely; 1 does nothing")
    private Double repetitionPenalty;

    @Option(names = "--seed", paramLabel = "N", description = "makes sampling repeatable")
    private Long seed;

    @Option(names = "--stop", paramLabel = "S", description = "text that ends the answer")
    private List<String> stop = List.of();

    /**
     * Completes a configuration.
     *
     * @param defaults what holds where no option is given
     * @return the configuration
     * @throws IllegalArgumentException if a value is out of its range, with the option's name
     */
    GenerationConfig config(GenerationConfig.Builder defaults) {
        set(maxNewTokens, defaults::maxNewTokens);
        set(temperature, defaults::temperature);
        set(topK, defaults::topK);
        set(topP, defaults::topP);
        set(minP, defaults::minP);
        set(repetitionPenalty, defaults::repetitionPenalty);
        set(seed, defaults::seed);
        set(stop, defaults::stop);
        try {
            return defaults.build();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(asOption(e.getMessage()), e);
        }
    }

    private static <T> void set(T value, Consumer<T> target) {
        if (value != null) {
            target.accept(value);
        }
    }

    /** The configuration says topP where the user wrote --top-p. */
    private static String asOption(String message) {
        int end = message.indexOf(' ');
        String name = CAPITAL.matcher(message.substring(0, end)).replaceAll("-$0");
        return "--" + name.toLowerCase(Locale.ROOT) + message.substring(end);
    }
}
