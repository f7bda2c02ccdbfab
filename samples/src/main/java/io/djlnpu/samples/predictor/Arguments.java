package io.djlnpu.samples.predictor;

/** What a program is started with. */
final class Arguments {

    private Arguments() {}

    /**
     * Checks that all are there.
     *
     * @param found what the program was started with
     * @param expected what each argument is, in order
     * @throws IllegalArgumentException if one is missing
     */
    static void require(String[] found, String... expected) {
        if (found.length < expected.length) {
            throw new IllegalArgumentException(
                    found.length + " arguments, expected " + String.join(" ", expected));
        }
    }
}
