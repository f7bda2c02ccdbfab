package io.djlnpu.it;

/** What two rows of logits are compared by. */
final class Logits {

    private Logits() {}

    static int argMax(float[] logits) {
        int best = 0;
        for (int i = 1; i < logits.length; i++) {
            if (logits[i] > logits[best]) {
                best = i;
            }
        }
        return best;
    }

    static float topTwoGap(float[] logits) {
        int best = argMax(logits);
        float second = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < logits.length; i++) {
            if (i != best) {
                second = Math.max(second, logits[i]);
            }
        }
        return logits[best] - second;
    }

    static float maxDifference(float[] a, float[] b) {
        float largest = 0;
        for (int i = 0; i < a.length; i++) {
            largest = Math.max(largest, Math.abs(a[i] - b[i]));
        }
        return largest;
    }

    /** KL(reference || other) in nats. */
    static double divergence(float[] reference, float[] other) {
        double[] p = logSoftmax(reference);
        double[] q = logSoftmax(other);
        double sum = 0;
        for (int i = 0; i < p.length; i++) {
            sum += Math.exp(p[i]) * (p[i] - q[i]);
        }
        return sum;
    }

    private static double[] logSoftmax(float[] logits) {
        double max = logits[argMax(logits)];
        double total = 0;
        for (float logit : logits) {
            total += Math.exp(logit - max);
        }
        double[] result = new double[logits.length];
        for (int i = 0; i < result.length; i++) {
            result[i] = logits[i] - max - Math.log(total);
        }
        return result;
    }
}
