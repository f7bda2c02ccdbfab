package io.djlnpu.encode;

import io.djlnpu.q4nx.Encoding;
import io.djlnpu.q4nx.Q4nxEncoder;
import io.djlnpu.q4nx.Q4nxFormat;

/** The search, each column's errors weighed by the mean square of its input. */
final class WeightedRows implements RowEncoder {

    private final Q4nxEncoder encoder = new Q4nxEncoder(Encoding.SEARCH);
    private final float[] importance;

    WeightedRows(float[] importance) {
        this.importance = importance;
    }

    @Override
    public int rows() {
        return Q4nxFormat.BLOCK_ROWS;
    }

    @Override
    public void encode(int rows, float[] values, byte[][] strips) {
        encoder.encode(values, importance.length, importance, strips[0]);
    }
}
