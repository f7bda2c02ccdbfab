package io.djlnpu.q4nx;

import static io.djlnpu.q4nx.Q4nxFormat.BLOCK_BYTES;
import static io.djlnpu.q4nx.Q4nxFormat.BLOCK_COLUMNS;
import static io.djlnpu.q4nx.Q4nxFormat.BLOCK_GROUPS;
import static io.djlnpu.q4nx.Q4nxFormat.BLOCK_ROWS;
import static io.djlnpu.q4nx.Q4nxFormat.CODES_OFFSET;
import static io.djlnpu.q4nx.Q4nxFormat.GROUP_COLUMNS;
import static io.djlnpu.q4nx.Q4nxFormat.HALF_BYTES;
import static io.djlnpu.q4nx.Q4nxFormat.MINS_OFFSET;

import io.djlnpu.numeric.Bfloat16;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * What the bytes of one Q4NX matrix look like; counts are of groups.
 *
 * @param groups groups of the logical matrix
 * @param notFinite groups whose scale or min is infinite or NaN
 * @param scaleEqualsMin groups whose scale and min are the same bits, and not 0
 * @param minZero groups whose min is 0
 * @param scaleZero groups whose scale is 0
 * @param dirtyPadding groups of padding that are not 0 throughout
 */
public record Q4nxInspection(
        long groups,
        long notFinite,
        long scaleEqualsMin,
        long minZero,
        long scaleZero,
        long dirtyPadding) {

    /**
     * Reads all scales, mins and padding.
     *
     * @param tensor the matrix
     * @return what was found
     */
    public static Q4nxInspection of(Q4nxTensor tensor) {
        long[] counts = new long[6];
        byte[] block = new byte[BLOCK_BYTES];
        for (int rowBlock = 0; rowBlock < tensor.rowBlocks(); rowBlock++) {
            for (int columnBlock = 0; columnBlock < tensor.columnBlocks(); columnBlock++) {
                MemorySegment.copy(
                        tensor.data(),
                        ValueLayout.JAVA_BYTE,
                        tensor.blockOffset(rowBlock, columnBlock),
                        block,
                        0,
                        BLOCK_BYTES);
                int columns =
                        Math.min(BLOCK_COLUMNS, tensor.columns() - columnBlock * BLOCK_COLUMNS);
                count(block, Math.ceilDiv(columns, GROUP_COLUMNS), counts);
            }
        }
        return new Q4nxInspection(counts[0], counts[1], counts[2], counts[3], counts[4], counts[5]);
    }

    private static void count(byte[] block, int usedGroups, long[] counts) {
        for (int group = 0; group < BLOCK_GROUPS; group++) {
            boolean dirtyCodes = group >= usedGroups && hasCodes(block, group);
            for (int row = 0; row < BLOCK_ROWS; row++) {
                int pair = 2 * (group * BLOCK_ROWS + row);
                short scale = bits(block, pair);
                short min = bits(block, pair + MINS_OFFSET);
                if (group >= usedGroups) {
                    counts[5] += dirtyCodes || scale != 0 || min != 0 ? 1 : 0;
                    continue;
                }
                boolean finite =
                        Float.isFinite(Bfloat16.toFloat(scale))
                                && Float.isFinite(Bfloat16.toFloat(min));
                counts[0]++;
                counts[1] += finite ? 0 : 1;
                counts[2] += scale == min && scale != 0 ? 1 : 0;
                counts[3] += min == 0 ? 1 : 0;
                counts[4] += scale == 0 ? 1 : 0;
            }
        }
    }

    private static boolean hasCodes(byte[] block, int group) {
        int bytes = GROUP_COLUMNS * 8;
        for (int half = 0; half < 2; half++) {
            int first = CODES_OFFSET + half * HALF_BYTES + group * bytes;
            for (int i = first; i < first + bytes; i++) {
                if (block[i] != 0) {
                    return true;
                }
            }
        }
        return false;
    }

    private static short bits(byte[] block, int offset) {
        return (short) (block[offset] & 0xff | block[offset + 1] << 8);
    }

    /**
     * Recognises the converter's Q8_0 fault: the low nibble of an 8-bit code, with its scale as
     * min.
     *
     * @return true if scale equals min in every group that is not empty
     */
    public boolean looksLikeLostQ8() {
        return scaleEqualsMin > 0 && scaleEqualsMin + Math.min(minZero, scaleZero) == groups;
    }

    /**
     * Recognises the converter's Q4_0 form: signed nibbles, which the format has no flag for.
     *
     * @return true if no group has a min, although groups have a scale
     */
    public boolean looksLikeSignedCodes() {
        return minZero == groups && scaleZero < groups;
    }
}
