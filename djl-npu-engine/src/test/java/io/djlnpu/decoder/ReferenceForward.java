package io.djlnpu.decoder;

import io.djlnpu.bundle.DecoderSpec;
import io.djlnpu.bundle.ModelBundle;
import io.djlnpu.bundle.TensorLayout;
import io.djlnpu.q4nx.Q4nxDecoder;
import io.djlnpu.q4nx.Q4nxTensor;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Gemma 3 as plainly as it can be said, in double precision, over a bundle's own weights. */
final class ReferenceForward {

    private final ModelBundle bundle;
    private final DecoderSpec config;
    private final int window;
    private List<ImageSpan> images;

    /** What every matrix was multiplied with in the last run. */
    final Map<String, double[][]> multiplied = new HashMap<>();

    ReferenceForward(ModelBundle bundle, int window) {
        this.bundle = bundle;
        config = bundle.config();
        this.window = window;
    }

    /** The logits of every position. */
    double[][] logits(int[] ids) throws IOException {
        return logits(ids, List.of());
    }

    /** The logits of every position of a prompt with images. */
    double[][] logits(int[] ids, List<ImageSpan> spans) throws IOException {
        images = spans;
        float[] table = bundle.vector(TensorLayout.EMBEDDING);
        double[][] x = new double[ids.length][config.hiddenSize()];
        for (int t = 0; t < ids.length; t++) {
            for (int i = 0; i < x[t].length; i++) {
                x[t][i] = table[ids[t] * x[t].length + i];
            }
        }
        for (ImageSpan image : images) {
            for (int t = image.start(); t < image.end(); t++) {
                for (int i = 0; i < x[t].length; i++) {
                    x[t][i] = image.features()[(t - image.start()) * x[t].length + i];
                }
            }
        }
        for (int layer = 0; layer < config.layers(); layer++) {
            layer(x, layer);
        }
        return multiply(TensorLayout.HEAD, norm(x, "model.norm.weight"));
    }

    private void layer(double[][] x, int layer) throws IOException {
        String prefix = "model.layers." + layer + ".";
        double[][] normed = norm(x, prefix + "input_layernorm.weight");
        double[][] q = multiply(prefix + "self_attn.q_proj.weight", normed);
        double[][] k = multiply(prefix + "self_attn.k_proj.weight", normed);
        double[][] v = multiply(prefix + "self_attn.v_proj.weight", normed);
        q = rotate(norm(q, prefix + "self_attn.q_norm.weight"), layer);
        k = rotate(norm(k, prefix + "self_attn.k_norm.weight"), layer);
        double[][] attended = attend(q, k, v, config.isLocal(layer));
        double[][] y = multiply(prefix + "self_attn.o_proj.weight", attended);
        add(x, norm(y, prefix + "post_attention_layernorm.weight"));
        normed = norm(x, prefix + "pre_feedforward_layernorm.weight");
        double[][] gate = multiply(prefix + "mlp.gate_proj.weight", normed);
        double[][] up = multiply(prefix + "mlp.up_proj.weight", normed);
        for (int t = 0; t < x.length; t++) {
            for (int i = 0; i < gate[t].length; i++) {
                double g = gate[t][i];
                double u = Math.sqrt(2 / Math.PI) * (g + 0.044715 * g * g * g);
                gate[t][i] = 0.5 * g * (1 + Math.tanh(u)) * up[t][i];
            }
        }
        y = multiply(prefix + "mlp.down_proj.weight", gate);
        add(x, norm(y, prefix + "post_feedforward_layernorm.weight"));
    }

    private double[][] attend(double[][] q, double[][] k, double[][] v, boolean local) {
        int width = config.headDim();
        double[][] y = new double[q.length][q[0].length];
        for (int i = 0; i < q.length; i++) {
            for (int h = 0; h < config.heads(); h++) {
                int kv = h / (config.heads() / config.kvHeads()) * width;
                double total = 0;
                for (int j = 0; j < q.length; j++) {
                    if (!visible(i, j, local)) {
                        continue;
                    }
                    double score = 0;
                    for (int d = 0; d < width; d++) {
                        score += q[i][h * width + d] * k[j][kv + d];
                    }
                    double weight = Math.exp(score / Math.sqrt(config.queryPreAttentionScalar()));
                    total += weight;
                    for (int d = 0; d < width; d++) {
                        y[i][h * width + d] += weight * v[j][kv + d];
                    }
                }
                for (int d = 0; d < width; d++) {
                    y[i][h * width + d] /= total;
                }
            }
        }
        return y;
    }

    private boolean visible(int query, int key, boolean local) {
        for (ImageSpan image : images) {
            if (image.start() <= Math.min(query, key) && Math.max(query, key) < image.end()) {
                return true;
            }
        }
        return key <= query && (!local || key > query - window);
    }

    private double[][] rotate(double[][] x, int layer) {
        boolean local = config.isLocal(layer);
        double theta =
                local
                        ? config.attention().local().rope().theta()
                        : config.attention().global().rope().theta();
        double factor = local ? 1 : config.attention().global().rope().linearFactor();
        int width = config.headDim();
        double[][] y = new double[x.length][x[0].length];
        for (int t = 0; t < x.length; t++) {
            for (int h = 0; h < x[t].length; h += width) {
                for (int i = 0; i < width / 2; i++) {
                    double angle = t * Math.pow(theta, -2.0 * i / width) / factor;
                    double a = x[t][h + i];
                    double b = x[t][h + width / 2 + i];
                    y[t][h + i] = a * Math.cos(angle) - b * Math.sin(angle);
                    y[t][h + width / 2 + i] = b * Math.cos(angle) + a * Math.sin(angle);
                }
            }
        }
        return y;
    }

    /** Every run of as many values as the weight has, normalised on its own. */
    private double[][] norm(double[][] x, String name) throws IOException {
        float[] weight = bundle.vector(name);
        double[][] y = new double[x.length][x[0].length];
        for (int t = 0; t < x.length; t++) {
            for (int start = 0; start < x[t].length; start += weight.length) {
                double squares = 0;
                for (int i = 0; i < weight.length; i++) {
                    squares += x[t][start + i] * x[t][start + i];
                }
                double root = Math.sqrt(squares / weight.length + config.rmsNormEpsilon());
                for (int i = 0; i < weight.length; i++) {
                    y[t][start + i] = x[t][start + i] / root * weight[i];
                }
            }
        }
        return y;
    }

    private double[][] multiply(String name, double[][] x) throws IOException {
        multiplied.put(name, Arrays.stream(x).map(double[]::clone).toArray(double[][]::new));
        Q4nxTensor tensor = bundle.matrix(name);
        float[] weights = new float[tensor.rows() * tensor.columns()];
        Q4nxDecoder.decodeRows(tensor, 0, tensor.rows(), weights);
        double[][] y = new double[x.length][tensor.rows()];
        for (int t = 0; t < x.length; t++) {
            for (int r = 0; r < tensor.rows(); r++) {
                for (int c = 0; c < tensor.columns(); c++) {
                    y[t][r] += weights[r * tensor.columns() + c] * x[t][c];
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
