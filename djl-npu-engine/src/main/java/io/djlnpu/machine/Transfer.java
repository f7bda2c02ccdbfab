package io.djlnpu.machine;

/**
 * What one buffer descriptor moves.
 *
 * @param end whose slot, or null for a buffer of DDR
 * @param buffer of DDR, or null
 * @param tap the order of its bytes
 * @param acquires whether its lock is taken before
 * @param releases whether the other side's is released after
 * @param ends whether its last byte ends the object that it goes to, full or not
 */
record Transfer(
        FifoEnd end, Region buffer, Tap tap, boolean acquires, boolean releases, boolean ends) {

    static Transfer of(FifoEnd end, Tap tap, boolean acquires, boolean releases) {
        return new Transfer(end, null, tap, acquires, releases, false);
    }

    static Transfer of(Region buffer, Tap tap, boolean ends) {
        return new Transfer(null, buffer, tap, false, false, ends);
    }
}
