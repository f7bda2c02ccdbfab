package io.djlnpu.decoder;

/**
 * Keys and values of one layer outside a session, as float32.
 *
 * <p><b>Shape</b>: both arrays {@code [kvHeads, slots, headDim]} from {@code offset} on, keys after
 * rotation.
 *
 * @param keys the keys
 * @param values the values
 * @param offset index of the first number in both arrays
 * @param slots tokens that the arrays have room for
 */
public record KeyValueBlock(float[] keys, float[] values, int offset, int slots) {

    /**
     * Copies all slots to the first slots of another block.
     *
     * @param target a block with as many slots or more
     * @param heads key/value heads
     * @param headDim width of a head
     */
    public void copyTo(KeyValueBlock target, int heads, int headDim) {
        for (int h = 0; h < heads; h++) {
            int from = index(h, 0, headDim);
            int to = target.index(h, 0, headDim);
            System.arraycopy(keys, from, target.keys, to, slots * headDim);
            System.arraycopy(values, from, target.values, to, slots * headDim);
        }
    }

    int index(int head, int slot, int headDim) {
        return offset + (head * slots + slot) * headDim;
    }
}
