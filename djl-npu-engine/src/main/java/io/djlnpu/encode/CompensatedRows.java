package io.djlnpu.encode;

import io.djlnpu.q4nx.CompensatingEncoder;
import io.djlnpu.q4nx.Encoding;
import io.djlnpu.q4nx.Q4nxEncoder;
import io.djlnpu.q4nx.Q4nxFormat;
import io.djlnpu.q4nx.QuadraticForm;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Error compensation. The columns of a wide matrix are cut into a few ranges that know nothing of
 * each other: memory grows with the square of a range, time with its cube.
 */
final class CompensatedRows implements RowEncoder {

    /** The most columns of a range. */
    private static final int RANGE = 2560;

    private static final int BLOCK_ROWS = Q4nxFormat.BLOCK_ROWS;
    private static final int GROUP = Q4nxFormat.GROUP_COLUMNS;

    private final List<CompensatingEncoder> encoders = new ArrayList<>();
    private final int[] starts;
    private final Q4nxEncoder packer = new Q4nxEncoder(Encoding.SEARCH);
    private final int columns;
    private final byte[] codes;
    private final float[] scales;
    private final float[] mins;

    CompensatedRows(int columns, List<QuadraticForm> forms) {
        this.columns = columns;
        starts = starts(columns);
        forms.forEach(form -> encoders.add(new CompensatingEncoder(form)));
        codes = new byte[CompensatingEncoder.ROWS * columns];
        scales = new float[CompensatingEncoder.ROWS * Math.ceilDiv(columns, GROUP)];
        mins = new float[scales.length];
    }

    /** Where the ranges of columns start, and where the last one ends; whole groups but for it. */
    static int[] starts(int columns) {
        int ranges = Math.ceilDiv(columns, RANGE);
        int width = Math.ceilDiv(columns, ranges * GROUP) * GROUP;
        int[] starts = new int[ranges + 1];
        Arrays.setAll(starts, i -> Math.min(columns, i * width));
        return starts;
    }

    @Override
    public int rows() {
        return CompensatingEncoder.ROWS;
    }

    @Override
    public void encode(int rows, float[] values, byte[][] strips) {
        int groups = Math.ceilDiv(columns, GROUP);
        for (int i = 0; i < encoders.size(); i++) {
            int first = starts[i];
            int width = starts[i + 1] - first;
            int own = Math.ceilDiv(width, GROUP);
            float[] part = new float[rows * width];
            copy(rows, width, values, first, columns, part, 0, width);
            byte[] partCodes = new byte[part.length];
            float[] partScales = new float[rows * own];
            float[] partMins = new float[rows * own];
            encoders.get(i).encode(rows, part, partCodes, partScales, partMins);
            copy(rows, width, partCodes, 0, width, codes, first, columns);
            copy(rows, own, partScales, 0, own, scales, first / GROUP, groups);
            copy(rows, own, partMins, 0, own, mins, first / GROUP, groups);
        }
        for (int row = 0; row < rows; row += BLOCK_ROWS) {
            int end = row + BLOCK_ROWS;
            packer.carryOver(
                    Arrays.copyOfRange(codes, row * columns, end * columns),
                    Arrays.copyOfRange(scales, row * groups, end * groups),
                    Arrays.copyOfRange(mins, row * groups, end * groups),
                    columns,
                    strips[row / BLOCK_ROWS]);
        }
    }

    @SuppressWarnings("SuspiciousSystemArraycopy")
    private static void copy(
            int rows, int width, Object from, int at, int step, Object to, int toAt, int toStep) {
        for (int row = 0; row < rows; row++) {
            System.arraycopy(from, at + row * step, to, toAt + row * toStep, width);
        }
    }
}
