package io.djlnpu.ndarray;

/** UINT64 in a signed long: conversions that Java has no cast for. */
final class Unsigned {

    private static final double TWO_TO_63 = 0x1p63;

    private Unsigned() {}

    static double toDouble(long bits) {
        // Halving with the lowest bit kept sticky rounds once, correctly.
        return bits >= 0 ? bits : ((bits >>> 1) | (bits & 1)) * 2.0;
    }

    static long fromDouble(double value) {
        return value < TWO_TO_63 ? (long) value : (long) (value - TWO_TO_63) ^ Long.MIN_VALUE;
    }
}
