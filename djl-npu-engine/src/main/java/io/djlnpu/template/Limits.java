package io.djlnpu.template;

/**
 * What one rendering may take. The defaults render a conversation of a thousand long messages and
 * end a hostile template within about a second.
 *
 * @param steps expressions and statements evaluated, and items looked at
 * @param memory characters, and eight for each item of a list, made in all, whether kept or not
 * @param output characters of the result
 * @param depth expressions, macros and loops inside each other
 */
public record Limits(long steps, long memory, long output, int depth) {

    /** For a prompt of short messages; {@link #with} adds what long ones need. */
    public static final Limits PROMPT = new Limits(8_000_000, 32L << 20, 8L << 20, 600);

    private static final int PASSES = 64;

    /**
     * Adds what values of a size need: a template may go through them a few dozen times, and write
     * them down more than once.
     *
     * @param characters of all values
     * @return wider limits
     */
    public Limits with(long characters) {
        return new Limits(
                steps + characters, memory + PASSES * characters, output + 8 * characters, depth);
    }
}
