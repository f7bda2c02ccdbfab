package io.djlnpu.generate;

import io.djlnpu.generate.grammar.OutputGrammar;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How an answer is generated. Filters work in the order temperature, top-k, top-p, min-p, typical;
 * penalties and biases come before them.
 *
 * @param maxNewTokens tokens at most
 * @param temperature divides the logits; 0, or less than 1e-5, for greedy search, which ignores the
 *     filters
 * @param topK keeps the k likeliest tokens; 0 for all
 * @param topP keeps the likeliest tokens that together have this probability; 1 for all
 * @param minP keeps tokens with at least this share of the likeliest one's probability; 0 for all
 * @param typicalP keeps the tokens whose surprise is nearest to the expected one and that together
 *     have this probability; 1 for all
 * @param repetitionPenalty divides positive and multiplies negative logits of tokens that prompt or
 *     answer hold; 1 for none
 * @param frequencyPenalty is subtracted from a token's logit for each time the answer holds it
 * @param presencePenalty is subtracted once from the logit of a token that the answer holds
 * @param logitBias is added to the logits of these tokens
 * @param seed makes sampling repeatable, on any number of threads; empty for another answer each
 *     time
 * @param stop texts that end the answer and are not part of it
 * @param ignoreEos whether the answer goes on after a token that ends it
 * @param skipSpecialTokens whether special tokens are left out of the text
 * @param logProbs whether tokens carry their log-probability
 * @param topLogProbs how many of the likeliest tokens are named with each token
 * @param grammar the form that the answer keeps to, and ends with
 * @param n answers wanted from {@link TextGenerator#startAll}
 */
public record GenerationConfig(
        int maxNewTokens,
        double temperature,
        int topK,
        double topP,
        double minP,
        double typicalP,
        double repetitionPenalty,
        double frequencyPenalty,
        double presencePenalty,
        Map<Integer, Float> logitBias,
        OptionalLong seed,
        List<String> stop,
        boolean ignoreEos,
        boolean skipSpecialTokens,
        boolean logProbs,
        int topLogProbs,
        Optional<OutputGrammar> grammar,
        int n) {

    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if one is out of its range
     */
    public GenerationConfig {
        require(maxNewTokens >= 0, "maxNewTokens", maxNewTokens, "0 or more");
        require(temperature >= 0 && temperature <= 1e6, "temperature", temperature, "0 or more");
        require(topK >= 0, "topK", topK, "0 (all) or more");
        require(topP > 0 && topP <= 1, "topP", topP, "above 0, up to 1");
        require(minP >= 0 && minP <= 1, "minP", minP, "0 to 1");
        require(typicalP > 0 && typicalP <= 1, "typicalP", typicalP, "above 0, up to 1");
        require(
                repetitionPenalty > 0 && Double.isFinite(repetitionPenalty),
                "repetitionPenalty",
                repetitionPenalty,
                "above 0");
        require(Double.isFinite(frequencyPenalty), "frequencyPenalty", frequencyPenalty, "finite");
        require(Double.isFinite(presencePenalty), "presencePenalty", presencePenalty, "finite");
        require(topLogProbs >= 0 && topLogProbs <= 128, "topLogProbs", topLogProbs, "0 to 128");
        require(
                grammar.isEmpty() || !ignoreEos,
                "ignoreEos",
                true,
                "false with a grammar, which says where the answer ends");
        require(n >= 1 && n <= 128, "n", n, "1 to 128");
        for (Map.Entry<Integer, Float> bias : logitBias.entrySet()) {
            boolean sane = !bias.getValue().isNaN() && bias.getValue() < Float.POSITIVE_INFINITY;
            require(sane, "logitBias of " + bias.getKey(), bias.getValue(), "finite or -Infinity");
        }
        require(stop.stream().noneMatch(String::isEmpty), "stop", "''", "non-empty texts");
        logitBias = Map.copyOf(logitBias);
        stop = List.copyOf(stop);
    }

    private static void require(boolean holds, String name, Object found, String expected) {
        if (!holds) {
            throw new IllegalArgumentException(name + " " + found + ", expected " + expected);
        }
    }

    /**
     * Returns greedy search.
     *
     * @param maxNewTokens tokens at most
     * @return the configuration
     */
    public static GenerationConfig greedy(int maxNewTokens) {
        return builder().maxNewTokens(maxNewTokens).build();
    }

    /**
     * Starts from greedy search and 256 tokens.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /** Builds a configuration; each method sets the component of its name. */
    public static final class Builder {

        private int maxNewTokens = 256;
        private double temperature = 1;
        private boolean sample;
        private int topK;
        private double topP = 1;
        private double minP;
        private double typicalP = 1;
        private double repetitionPenalty = 1;
        private double frequencyPenalty;
        private double presencePenalty;
        private Map<Integer, Float> logitBias = Map.of();
        private OptionalLong seed = OptionalLong.empty();
        private List<String> stop = List.of();
        private boolean ignoreEos;
        private boolean skipSpecialTokens = true;
        private boolean logProbs;
        private int topLogProbs;
        private Optional<OutputGrammar> grammar = Optional.empty();
        private int n = 1;

        private Builder() {}

        /**
         * Takes what the model's own {@code generation_config.json} says; what it leaves out stays.
         *
         * @param modelFolder the folder that may hold the file
         * @return this
         * @throws IOException if the file is there and malformed
         */
        public Builder defaultsOf(Path modelFolder) throws IOException {
            return GenerationDefaults.read(modelFolder, this);
        }

        /** Sets {@link GenerationConfig#maxNewTokens}. */
        public Builder maxNewTokens(int value) {
            maxNewTokens = value;
            return this;
        }

        /** Sets {@link GenerationConfig#temperature}; unless it is 0, answers are sampled. */
        public Builder temperature(double value) {
            temperature = value;
            sample = value != 0;
            return this;
        }

        /**
         * Sets whether answers are sampled, at the temperature that was set before or 1, or come
         * from greedy search, which makes the temperature 0.
         */
        public Builder sample(boolean value) {
            sample = value;
            return this;
        }

        /** Sets {@link GenerationConfig#topK}. */
        public Builder topK(int value) {
            topK = value;
            return this;
        }

        /** Sets {@link GenerationConfig#topP}. */
        public Builder topP(double value) {
            topP = value;
            return this;
        }

        /** Sets {@link GenerationConfig#minP}. */
        public Builder minP(double value) {
            minP = value;
            return this;
        }

        /** Sets {@link GenerationConfig#typicalP}. */
        public Builder typicalP(double value) {
            typicalP = value;
            return this;
        }

        /** Sets {@link GenerationConfig#repetitionPenalty}. */
        public Builder repetitionPenalty(double value) {
            repetitionPenalty = value;
            return this;
        }

        /** Sets {@link GenerationConfig#frequencyPenalty}. */
        public Builder frequencyPenalty(double value) {
            frequencyPenalty = value;
            return this;
        }

        /** Sets {@link GenerationConfig#presencePenalty}. */
        public Builder presencePenalty(double value) {
            presencePenalty = value;
            return this;
        }

        /** Sets {@link GenerationConfig#logitBias}. */
        public Builder logitBias(Map<Integer, Float> value) {
            logitBias = value;
            return this;
        }

        /** Sets {@link GenerationConfig#seed}. */
        public Builder seed(long value) {
            seed = OptionalLong.of(value);
            return this;
        }

        /** Sets {@link GenerationConfig#stop}. */
        public Builder stop(List<String> value) {
            stop = value;
            return this;
        }

        /** Sets {@link GenerationConfig#ignoreEos}. */
        public Builder ignoreEos(boolean value) {
            ignoreEos = value;
            return this;
        }

        /** Sets {@link GenerationConfig#skipSpecialTokens}. */
        public Builder skipSpecialTokens(boolean value) {
            skipSpecialTokens = value;
            return this;
        }

        /** Sets {@link GenerationConfig#logProbs}. */
        public Builder logProbs(boolean value) {
            logProbs = value;
            return this;
        }

        /** Sets {@link GenerationConfig#topLogProbs}. */
        public Builder topLogProbs(int value) {
            topLogProbs = value;
            return this;
        }

        /** Sets {@link GenerationConfig#grammar}. */
        public Builder grammar(OutputGrammar value) {
            grammar = Optional.of(value);
            return this;
        }

        /** Sets {@link GenerationConfig#n}. */
        public Builder n(int value) {
            n = value;
            return this;
        }

        /**
         * Builds the configuration.
         *
         * @return the configuration
         * @throws IllegalArgumentException if a number is out of its range
         */
        public GenerationConfig build() {
            return new GenerationConfig(
                    maxNewTokens,
                    sample ? temperature : 0,
                    topK,
                    topP,
                    minP,
                    typicalP,
                    repetitionPenalty,
                    frequencyPenalty,
                    presencePenalty,
                    logitBias,
                    seed,
                    stop,
                    ignoreEos,
                    skipSpecialTokens,
                    logProbs,
                    topLogProbs,
                    grammar,
                    n);
        }
    }
}
