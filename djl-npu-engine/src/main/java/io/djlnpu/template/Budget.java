package io.djlnpu.template;

import io.djlnpu.template.TemplateException.Kind;

/** What is left of the {@link Limits} of one rendering. */
final class Budget {

    private static final int STEPS_BETWEEN_LOOKS = 1 << 10;

    /** As large as Python prints; beyond, arithmetic alone would take long. */
    static final int MAX_INTEGER_BITS = 14_280;

    private final Limits limits;
    private long steps;
    private long lookAt = STEPS_BETWEEN_LOOKS;
    private long memory;
    private int depth;

    Budget(Limits limits) {
        this.limits = limits;
    }

    void step() {
        work(1);
    }

    /** Counts work, and hears an interrupt. */
    void work(long units) {
        steps += units;
        if (steps > limits.steps()) {
            throw over("%d steps".formatted(limits.steps()));
        }
        if (steps >= lookAt) {
            lookAt = steps + STEPS_BETWEEN_LOOKS;
            if (Thread.currentThread().isInterrupted()) {
                throw new TemplateException(Kind.INTERRUPTED, 0, "interrupted while rendering");
            }
        }
    }

    /** Counts characters before they are made. */
    void text(long characters) {
        memory += characters;
        if (characters < 0 || memory > limits.memory()) {
            throw over("%d characters of intermediate values".formatted(limits.memory()));
        }
        work(characters >> 6);
    }

    /** Counts items of a list or mapping before it is made. */
    void items(long count) {
        text(count > limits.memory() ? -1 : count * 8);
        work(count);
    }

    void output(long length) {
        if (length > limits.output()) {
            throw over("%d characters of output".formatted(limits.output()));
        }
    }

    void enter() {
        step();
        if (++depth > limits.depth()) {
            throw tooDeep();
        }
    }

    void leave() {
        depth--;
    }

    TemplateException tooDeep() {
        return over("a depth of %d".formatted(limits.depth()));
    }

    private static TemplateException over(String limit) {
        return new TemplateException(
                Kind.LIMIT, 0, "the template takes more than " + limit + ", the most allowed");
    }
}
