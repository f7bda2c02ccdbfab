package io.djlnpu.ndarray;

/**
 * The step functions of recurrent layers; gates stand one after the other in the weights, in
 * PyTorch's order.
 */
enum RecurrentCell {
    RNN_TANH,
    RNN_RELU,
    GRU,
    LSTM;

    /**
     * Replaces hidden state (and cell state) by the next one. {@code in} and {@code rec} hold the
     * gates' sums from input and state.
     */
    void step(double[] in, double[] rec, double[] hidden, double[] cell) {
        int n = hidden.length;
        for (int i = 0; i < n; i++) {
            switch (this) {
                case RNN_TANH -> hidden[i] = Math.tanh(in[i] + rec[i]);
                case RNN_RELU -> hidden[i] = Math.max(0, in[i] + rec[i]);
                case GRU -> {
                    double reset = sigmoid(in[i] + rec[i]);
                    double update = sigmoid(in[n + i] + rec[n + i]);
                    double fresh = Math.tanh(in[2 * n + i] + reset * rec[2 * n + i]);
                    hidden[i] = (1 - update) * fresh + update * hidden[i];
                }
                case LSTM -> {
                    double input = sigmoid(in[i] + rec[i]);
                    double forget = sigmoid(in[n + i] + rec[n + i]);
                    double fresh = Math.tanh(in[2 * n + i] + rec[2 * n + i]);
                    double output = sigmoid(in[3 * n + i] + rec[3 * n + i]);
                    cell[i] = forget * cell[i] + input * fresh;
                    hidden[i] = output * Math.tanh(cell[i]);
                }
            }
        }
    }

    private static double sigmoid(double value) {
        return 1 / (1 + Math.exp(-value));
    }
}
