package io.djlnpu.ndarray;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * Layers of a recurrent network over a sequence.
 *
 * <p><b>Shape:</b> input [time, batch, features]; states [layers * directions, batch, hidden];
 * output [time, batch, directions * hidden]. For each layer and direction the weights hold input
 * weights, state weights and, if there are biases, both biases.
 */
record Recurrent(
        RecurrentCell cell,
        List<Tensor> weights,
        boolean hasBiases,
        int layers,
        boolean bidirectional) {

    /** The output, the last hidden states, and for LSTM the last cell states. */
    Tensor[] run(Tensor input, Tensor... states) {
        int directions = bidirectional ? 2 : 1;
        Tensor hidden = new Tensor(states[0].shape(), states[0].data().duplicate());
        Tensor cells =
                states.length > 1
                        ? new Tensor(states[1].shape(), states[1].data().duplicate())
                        : null;
        Tensor sequence = input;
        for (int layer = 0; layer < layers; layer++) {
            List<Tensor> outputs = new ArrayList<>();
            for (int direction = 0; direction < directions; direction++) {
                outputs.add(
                        direction(
                                sequence,
                                layer * directions + direction,
                                direction == 1,
                                hidden,
                                cells));
            }
            sequence = Joins.concat(outputs, 2);
        }
        return cells == null
                ? new Tensor[] {sequence, hidden}
                : new Tensor[] {sequence, hidden, cells};
    }

    private Tensor direction(
            Tensor sequence, int index, boolean backwards, Tensor hidden, Tensor cells) {
        int perLayer = hasBiases ? 4 : 2;
        Tensor inputWeights = weights.get(index * perLayer);
        Tensor stateWeights = weights.get(index * perLayer + 1);
        Tensor inputBias = hasBiases ? weights.get(index * perLayer + 2) : null;
        Tensor stateBias = hasBiases ? weights.get(index * perLayer + 3) : null;
        int steps = (int) sequence.shape().get(0);
        int batch = (int) sequence.shape().get(1);
        int features = (int) sequence.shape().get(2);
        int size = (int) stateWeights.shape().get(1);
        Tensor result = Tensor.allocate(DataType.FLOAT32, new Shape(steps, batch, size));
        for (int item = 0; item < batch; item++) {
            int state = (index * batch + item) * size;
            double[] h = row(hidden, state, size);
            double[] c = cells == null ? new double[size] : row(cells, state, size);
            for (int step = 0; step < steps; step++) {
                int place = ((backwards ? steps - 1 - step : step) * batch + item);
                double[] x = row(sequence, place * features, features);
                cell.step(
                        gates(inputWeights, inputBias, x), gates(stateWeights, stateBias, h), h, c);
                store(result, place * size, h);
            }
            store(hidden, state, h);
            if (cells != null) {
                store(cells, state, c);
            }
        }
        return result;
    }

    private static double[] gates(Tensor weight, Tensor bias, double[] x) {
        double[] sums = new double[(int) weight.shape().get(0)];
        for (int i = 0; i < sums.length; i++) {
            sums[i] = bias == null ? 0 : bias.getDouble(i);
            for (int j = 0; j < x.length; j++) {
                sums[i] += weight.getDouble(i * x.length + j) * x[j];
            }
        }
        return sums;
    }

    private static double[] row(Tensor a, int start, int size) {
        double[] row = new double[size];
        for (int i = 0; i < size; i++) {
            row[i] = a.getDouble(start + i);
        }
        return row;
    }

    private static void store(Tensor a, int start, double[] row) {
        for (int i = 0; i < row.length; i++) {
            a.data().setDouble(start + i, row[i]);
        }
    }
}
