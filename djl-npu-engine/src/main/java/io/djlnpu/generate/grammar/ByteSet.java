package io.djlnpu.generate.grammar;

/** A set of bytes, as four words of bits. */
record ByteSet(long a, long b, long c, long d) {

    static final ByteSet NONE = new ByteSet(0, 0, 0, 0);

    static ByteSet range(int from, int to) {
        long[] words = new long[4];
        for (int value = from; value <= to; value++) {
            words[value >> 6] |= 1L << value;
        }
        return new ByteSet(words[0], words[1], words[2], words[3]);
    }

    boolean has(int value) {
        return (word(value >> 6) >>> value & 1) != 0;
    }

    private long word(int index) {
        return switch (index) {
            case 0 -> a;
            case 1 -> b;
            case 2 -> c;
            default -> d;
        };
    }

    ByteSet or(ByteSet other) {
        return new ByteSet(a | other.a, b | other.b, c | other.c, d | other.d);
    }

    ByteSet and(ByteSet other) {
        return new ByteSet(a & other.a, b & other.b, c & other.c, d & other.d);
    }

    boolean isEmpty() {
        return (a | b | c | d) == 0;
    }

    /** The lowest member. */
    int lowest() {
        for (int i = 0; i < 4; i++) {
            if (word(i) != 0) {
                return 64 * i + Long.numberOfTrailingZeros(word(i));
            }
        }
        return -1;
    }
}
