package io.djlnpu.tile;

/** Checks of a device's numbers. */
final class Positive {

    private Positive() {}

    static void require(String what, Quantity quantity) {
        require(what, quantity == null ? 0 : quantity.value());
    }

    static void require(String what, double value) {
        if (!(value > 0) || Double.isInfinite(value)) {
            throw new IllegalArgumentException(what + " is " + value + ", expected above 0");
        }
    }

    static void require(String what, int value, int most) {
        if (value < 1 || value > most) {
            throw new IllegalArgumentException(what + " is " + value + ", expected 1 to " + most);
        }
    }
}
