package io.djlnpu.generate;

import java.util.Map;

/** Changes logits in place before a token is chosen from them. */
@FunctionalInterface
interface LogitAdjustment {

    void apply(float[] logits, TokenHistory history);

    default LogitAdjustment then(LogitAdjustment next) {
        return (logits, history) -> {
            apply(logits, history);
            next.apply(logits, history);
        };
    }

    static LogitAdjustment none() {
        return (logits, history) -> {};
    }

    static LogitAdjustment of(GenerationConfig config) {
        LogitAdjustment adjustment = none();
        if (config.repetitionPenalty() != 1) {
            adjustment = adjustment.then(repetition((float) config.repetitionPenalty()));
        }
        if (config.frequencyPenalty() != 0 || config.presencePenalty() != 0) {
            adjustment =
                    adjustment.then(
                            occurrence(
                                    (float) config.frequencyPenalty(),
                                    (float) config.presencePenalty()));
        }
        if (!config.logitBias().isEmpty()) {
            adjustment = adjustment.then(bias(config.logitBias()));
        }
        return adjustment;
    }

    /** Hugging Face's rule: over prompt and answer. */
    static LogitAdjustment repetition(float penalty) {
        return (logits, history) ->
                history.forEachSeen(
                        id ->
                                logits[id] =
                                        logits[id] < 0
                                                ? logits[id] * penalty
                                                : logits[id] / penalty);
    }

    /** OpenAI's rule: over the answer alone. */
    static LogitAdjustment occurrence(float frequency, float presence) {
        return (logits, history) ->
                history.forEachGenerated((id, count) -> logits[id] -= frequency * count + presence);
    }

    static LogitAdjustment bias(Map<Integer, Float> biases) {
        return (logits, history) -> biases.forEach((id, bias) -> logits[id] += bias);
    }
}
