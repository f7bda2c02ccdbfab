package io.djlnpu.simd;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.djlnpu.numeric.Bfloat16;
import java.lang.foreign.MemorySegment;

/** Plain Java {@link TokenPanels}. */
final class ScalarTokenPanels implements TokenPanels {

    private final int tileRows;

    ScalarTokenPanels(int tileRows) {
        this.tileRows = tileRows;
    }

    @Override
    public int tileRows() {
        return tileRows;
    }

    @Override
    public void pack(
            MemorySegment matrix, long offset, int columns, MemorySegment tile, long tileIndex) {
        for (int c = 0; c < columns; c++) {
            tile.setAtIndex(
                    JAVA_FLOAT,
                    tileIndex + (long) c * tileRows,
                    Bfloat16.toFloat(matrix.get(Bfloat16.LAYOUT, offset + 2L * c)));
        }
    }

    @Override
    public void multiplyAdd(
            MemorySegment panel,
            long panelIndex,
            int columns,
            MemorySegment tiles,
            long tileIndex,
            long tileStep,
            int count,
            MemorySegment sums,
            long sumsIndex) {
        for (int row = 0; row < count * tileRows; row++) {
            long tile = tileIndex + row / tileRows * tileStep + row % tileRows;
            for (int t = 0; t < TOKENS; t++) {
                long at = sumsIndex + (long) row * TOKENS + t;
                float sum = sums.getAtIndex(JAVA_FLOAT, at);
                for (int c = 0; c < columns; c++) {
                    float value = panel.getAtIndex(JAVA_FLOAT, panelIndex + (long) c * TOKENS + t);
                    float weight = tiles.getAtIndex(JAVA_FLOAT, tile + (long) c * tileRows);
                    sum = Math.fma(value, weight, sum);
                }
                sums.setAtIndex(JAVA_FLOAT, at, sum);
            }
        }
    }

    @Override
    public void finish(
            MemorySegment sums,
            long sumsIndex,
            int rows,
            float[] bias,
            int biasIndex,
            Finish finish,
            boolean narrow,
            MemorySegment y,
            long yIndex) {
        for (int i = 0; i < rows * TOKENS; i++) {
            float value = sums.getAtIndex(JAVA_FLOAT, sumsIndex + i) + bias[biasIndex + i / TOKENS];
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
            MemorySegment scores,
            int keys,
            float scale,
            float[] state,
            MemorySegment output,
            int rows) {
        for (int t = 0; t < TOKENS; t++) {
            float before = state[t];
            float maximum = before;
            for (int k = 0; k < keys; k++) {
                maximum = Math.max(maximum, scores.getAtIndex(JAVA_FLOAT, k * TOKENS + t));
            }
            float decay = Exponential.exp((before - maximum) * scale);
            float sum = state[TOKENS + t] * decay;
            for (int k = 0; k < keys; k++) {
                long i = (long) k * TOKENS + t;
                float weight =
                        Exponential.exp((scores.getAtIndex(JAVA_FLOAT, i) - maximum) * scale);
                sum += weight;
                scores.setAtIndex(JAVA_FLOAT, i, weight);
            }
            state[t] = maximum;
            state[TOKENS + t] = sum;
            for (int r = 0; r < rows; r++) {
                long i = (long) r * TOKENS + t;
                output.setAtIndex(JAVA_FLOAT, i, output.getAtIndex(JAVA_FLOAT, i) * decay);
            }
        }
    }

    @Override
    public void normalize(
            MemorySegment output,
            int rows,
            float[] state,
            boolean narrow,
            MemorySegment y,
            long yIndex) {
        for (int i = 0; i < rows * TOKENS; i++) {
            float value = output.getAtIndex(JAVA_FLOAT, i) / state[TOKENS + i % TOKENS];
            y.setAtIndex(JAVA_FLOAT, yIndex + i, round(value, narrow));
        }
    }

    private static float round(float value, boolean narrow) {
        return narrow ? Bfloat16.round(value) : value;
    }
}
