package io.djlnpu.decoder;

import io.djlnpu.bundle.VisionSpec;
import io.djlnpu.bundle.VisionWeights;
import io.djlnpu.bundle.VisionWeights.LayerNorm;
import io.djlnpu.bundle.VisionWeights.Linear;
import io.djlnpu.q4nx.TiledMatrix;

/** SigLIP and Gemma's projector as plainly as they can be said, in double precision. */
final class ReferenceTower {

    private final VisionWeights weights;
    private final VisionSpec config;

    ReferenceTower(VisionWeights weights) {
        this.weights = weights;
        config = weights.config();
    }

    /** The soft tokens of an image. */
    double[][] features(float[] pixels) {
        double[][] pooled = pool(tower(pixels));
        for (double[] row : pooled) {
            double squares = 0;
            for (double value : row) {
                squares += value * value;
            }
            double root = Math.sqrt(squares / row.length + 1e-6);
            for (int i = 0; i < row.length; i++) {
                row[i] = row[i] / root * weights.projectorNorm()[i];
            }
        }
        TiledMatrix projector = weights.projector();
        return linear(new Linear(projector, new float[projector.rows()]), pooled);
    }

    private double[][] tower(float[] pixels) {
        double[][] x = patches(pixels);
        for (VisionWeights.Layer layer : weights.layers()) {
            double[][] normed = norm(layer.attentionNorm(), x);
            double[][] attended =
                    attend(
                            linear(layer.query(), normed),
                            linear(layer.key(), normed),
                            linear(layer.value(), normed));
            add(x, linear(layer.output(), attended));
            double[][] mlp = linear(layer.first(), norm(layer.mlpNorm(), x));
            for (double[] row : mlp) {
                for (int i = 0; i < row.length; i++) {
                    double u = row[i] + 0.044715 * row[i] * row[i] * row[i];
                    row[i] *= 0.5 * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * u));
                }
            }
            add(x, linear(layer.second(), mlp));
        }
        return norm(weights.postNorm(), x);
    }

    private double[][] patches(float[] pixels) {
        int side = config.imageSize();
        int patch = config.patchSize();
        int across = side / patch;
        int width = config.hiddenSize();
        double[][] x = new double[across * across][width];
        for (int t = 0; t < x.length; t++) {
            for (int i = 0; i < width; i++) {
                double sum = weights.patchBias()[i] + weights.positions()[t * width + i];
                for (int channel = 0; channel < 3; channel++) {
                    for (int dy = 0; dy < patch; dy++) {
                        for (int dx = 0; dx < patch; dx++) {
                            int row = t / across * patch + dy;
                            int column = t % across * patch + dx;
                            sum +=
                                    (double) pixels[(channel * side + row) * side + column]
                                            * weights.patchWeight()[
                                                    ((i * 3 + channel) * patch + dy) * patch + dx];
                        }
                    }
                }
                x[t][i] = sum;
            }
        }
        return x;
    }

    private double[][] attend(double[][] q, double[][] k, double[][] v) {
        int headDim = config.hiddenSize() / config.heads();
        double[][] y = new double[q.length][q[0].length];
        for (int i = 0; i < q.length; i++) {
            for (int head = 0; head < q[i].length; head += headDim) {
                double total = 0;
                for (int j = 0; j < k.length; j++) {
                    double score = 0;
                    for (int d = head; d < head + headDim; d++) {
                        score += q[i][d] * k[j][d];
                    }
                    double weight = Math.exp(score / Math.sqrt(headDim));
                    total += weight;
                    for (int d = head; d < head + headDim; d++) {
                        y[i][d] += weight * v[j][d];
                    }
                }
                for (int d = head; d < head + headDim; d++) {
                    y[i][d] /= total;
                }
            }
        }
        return y;
    }

    private double[][] pool(double[][] x) {
        int grid = config.imageSize() / config.patchSize();
        int side = (int) Math.sqrt(config.tokensPerImage());
        int square = grid / side;
        double[][] y = new double[side * side][x[0].length];
        for (int t = 0; t < x.length; t++) {
            int token = t / grid / square * side + t % grid / square;
            for (int i = 0; i < x[t].length; i++) {
                y[token][i] += x[t][i] / (square * square);
            }
        }
        return y;
    }

    private double[][] norm(LayerNorm norm, double[][] x) {
        double[][] y = new double[x.length][x[0].length];
        for (int t = 0; t < x.length; t++) {
            double mean = 0;
            for (double value : x[t]) {
                mean += value / x[t].length;
            }
            double variance = 0;
            for (double value : x[t]) {
                variance += (value - mean) * (value - mean) / x[t].length;
            }
            double root = Math.sqrt(variance + config.layerNormEpsilon());
            for (int i = 0; i < y[t].length; i++) {
                y[t][i] = (x[t][i] - mean) / root * norm.weight()[i] + norm.bias()[i];
            }
        }
        return y;
    }

    private static double[][] linear(Linear linear, double[][] x) {
        int rows = linear.weight().rows();
        int columns = linear.weight().columns();
        float[] values = new float[rows * columns];
        linear.weight().readRows(0, rows, values);
        double[][] y = new double[x.length][rows];
        for (int t = 0; t < x.length; t++) {
            for (int r = 0; r < rows; r++) {
                y[t][r] = linear.bias()[r];
                for (int c = 0; c < columns; c++) {
                    y[t][r] += values[r * columns + c] * x[t][c];
                }
            }
        }
        return y;
    }

    private static void add(double[][] x, double[][] y) {
        for (int t = 0; t < x.length; t++) {
            for (int i = 0; i < x[t].length; i++) {
                x[t][i] += y[t][i];
            }
        }
    }
}
