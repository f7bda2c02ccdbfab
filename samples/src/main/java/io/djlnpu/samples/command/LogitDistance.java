package io.djlnpu.samples.command;

/**
 * How far one model's predictions are from another's, over many positions.
 *
 * <p><b>Numerics</b>: softmax and sums in float64. The divergence is KL(reference || candidate) in
 * nats, averaged over positions.
 */
final class LogitDistance {

    private int positions;
    private int agreed;
    private double divergence;
    private int scored;
    private double referenceSurprise;
    private double candidateSurprise;

    /** Adds one position whose next token is known. */
    void add(float[] reference, float[] candidate, int next) {
        add(reference, candidate);
        referenceSurprise += surprise(reference, next);
        candidateSurprise += surprise(candidate, next);
        scored++;
    }

    /** Adds one position. */
    void add(float[] reference, float[] candidate) {
        if (reference.length != candidate.length) {
            throw new IllegalArgumentException(
                    "logits of " + reference.length + " and " + candidate.length + " tokens");
        }
        double referenceNorm = logSumExp(reference);
        double candidateNorm = logSumExp(candidate);
        double sum = 0;
        for (int i = 0; i < reference.length; i++) {
            double logReference = reference[i] - referenceNorm;
            sum += Math.exp(logReference) * (logReference - (candidate[i] - candidateNorm));
        }
        divergence += sum;
        agreed += argmax(reference) == argmax(candidate) ? 1 : 0;
        positions++;
    }

    /** Mean KL divergence in nats. */
    double divergence() {
        return divergence / positions;
    }

    /** Share of positions with the same best token, 0 to 1. */
    double agreement() {
        return (double) agreed / positions;
    }

    /** Positions whose next token was known. */
    int scored() {
        return scored;
    }

    /** Perplexity of the reference over the positions whose next token was known. */
    double referencePerplexity() {
        return Math.exp(referenceSurprise / scored);
    }

    /** Perplexity of the candidate, likewise. */
    double perplexity() {
        return Math.exp(candidateSurprise / scored);
    }

    /** Negative logarithm of a token's probability, nats. */
    static double surprise(float[] logits, int token) {
        return logSumExp(logits) - logits[token];
    }

    private static double logSumExp(float[] logits) {
        double max = logits[argmax(logits)];
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp(logit - max);
        }
        return max + Math.log(sum);
    }

    private static int argmax(float[] logits) {
        int best = 0;
        for (int i = 1; i < logits.length; i++) {
            if (logits[i] > logits[best]) {
                best = i;
            }
        }
        return best;
    }
}
