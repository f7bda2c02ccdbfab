package io.djlnpu.simd;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.djlnpu.numeric.Bfloat16;
import java.lang.foreign.MemorySegment;

/** Plain Java {@link TokenPanels}. */
final class ScalarTokenPanels implements TokenPanels {

    @Override
    public void pack(MemorySegment matrix, long offset, int columns, float[] tile, int tileIndex) {
        for (int r = 0; r < ROWS; r++) {
            long row = offset + 2L * r * columns;
            for (int c = 0; c < columns; c++) {
                tile[tileIndex + c * ROWS + r] =
                        Bfloat16.toFloat(matrix.get(Bfloat16.LAYOUT, row + 2L * c));
            }
        }
    }

    @Override
    public void multiplyAdd(
            MemorySegment panel,
            long panelIndex,
            int columns,
            float[] tile,
            int tileIndex,
            float[] sums,
            int sumsIndex) {
        for (int r = 0; r < ROWS; r++) {
            for (int t = 0; t < TOKENS; t++) {
                float sum = sums[sumsIndex + r * TOKENS + t];
                for (int c = 0; c < columns; c++) {
                    float value = panel.getAtIndex(JAVA_FLOAT, panelIndex + (long) c * TOKENS + t);
                    sum = Math.fma(value, tile[tileIndex + c * ROWS + r], sum);
                }
                sums[sumsIndex + r * TOKENS + t] = sum;
            }
        }
    }

    @Override
    public void finish(
            float[] sums,
            int sumsIndex,
            int rows,
            float[] bias,
            int biasIndex,
            Finish finish,
            boolean narrow,
            MemorySegment y,
            long yIndex) {
        for (int i = 0; i < rows * TOKENS; i++) {
            float value = sums[sumsIndex + i] + bias[biasIndex + i / TOKENS];
            if (finish == Finish.GELU) {
                value = Exponential.gelu(value);
            }
            value = round(value, narrow);
            if (finish == Finish.ADD) {
                value = round(y.getAtIndex(JAVA_FLOAT, yIndex + i) + value, narrow);
            }
            y.setAtIndex(JAVA_FLOAT, yIndex + i, value);
        }
    }

    @Override
    public void layerNorm(
            MemorySegment x,
            long xIndex,
            float[] weight,
            float[] bias,
            float epsilon,
            boolean narrow,
            MemorySegment y,
            long yIndex) {
        for (int t = 0; t < TOKENS; t++) {
            float sum = 0;
            for (int c = 0; c < weight.length; c++) {
                sum += x.getAtIndex(JAVA_FLOAT, xIndex + (long) c * TOKENS + t);
            }
            float mean = sum / weight.length;
            float squares = 0;
            for (int c = 0; c < weight.length; c++) {
                float d = x.getAtIndex(JAVA_FLOAT, xIndex + (long) c * TOKENS + t) - mean;
                squares = Math.fma(d, d, squares);
            }
            float factor = 1 / (float) Math.sqrt(squares / weight.length + epsilon);
            for (int c = 0; c < weight.length; c++) {
                long i = (long) c * TOKENS + t;
                float d = (x.getAtIndex(JAVA_FLOAT, xIndex + i) - mean) * factor;
                float value = Math.fma(d, weight[c], bias[c]);
                y.setAtIndex(JAVA_FLOAT, yIndex + i, round(value, narrow));
            }
        }
    }

    @Override
    public void absorb(
            float[] scores,
            int keys,
            float scale,
            float[] state,
            MemorySegment weights,
            float[] output,
            int rows) {
        for (int t = 0; t < TOKENS; t++) {
            float before = state[t];
            float maximum = before;
            for (int k = 0; k < keys; k++) {
                maximum = Math.max(maximum, scores[k * TOKENS + t]);
            }
            float decay = Exponential.exp((before - maximum) * scale);
            float sum = state[TOKENS + t] * decay;
            for (int k = 0; k < keys; k++) {
                float weight = Exponential.exp((scores[k * TOKENS + t] - maximum) * scale);
                sum += weight;
                weights.setAtIndex(JAVA_FLOAT, (long) k * TOKENS + t, weight);
            }
            state[t] = maximum;
            state[TOKENS + t] = sum;
            for (int r = 0; r < rows; r++) {
                output[r * TOKENS + t] *= decay;
            }
        }
    }

    @Override
    public void normalize(
            float[] output, int rows, float[] state, boolean narrow, MemorySegment y, long yIndex) {
        for (int i = 0; i < rows * TOKENS; i++) {
            float value = output[i] / state[TOKENS + i % TOKENS];
            y.setAtIndex(JAVA_FLOAT, yIndex + i, round(value, narrow));
        }
    }

    private static float round(float value, boolean narrow) {
        return narrow ? Bfloat16.round(value) : value;
    }
}
