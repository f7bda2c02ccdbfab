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

    /** For prompts. */
    public static final Limits PROMPT = new Limits(20_000_000, 128L << 20, 32L << 20, 600);
}
