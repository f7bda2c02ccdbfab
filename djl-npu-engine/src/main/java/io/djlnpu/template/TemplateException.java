package io.djlnpu.template;

/**
 * A template that cannot be read or run. The message names the line, counted from 1, where that is
 * known.
 */
public final class TemplateException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    /** What is wrong. */
    public enum Kind {
        /** The text is not a template. */
        SYNTAX,
        /** A tag, filter or test that does not exist, or is not offered here. */
        UNKNOWN,
        /** An undefined value was used for more than printing or testing it. */
        UNDEFINED,
        /** A value is not of the type, or not in the range, that an operation needs. */
        VALUE,
        /** The sandbox forbids it. */
        FORBIDDEN,
        /** The template itself refuses the values, by {@code raise_exception}. */
        RAISED,
        /** It takes more steps, memory, output or depth than allowed. */
        LIMIT,
        /** The thread was interrupted; its flag stays set. */
        INTERRUPTED
    }

    private final transient Kind kind;
    private final int line;
    private final String reason;

    TemplateException(Kind kind, int line, String reason) {
        super(line > 0 ? "line " + line + ": " + reason : reason);
        this.kind = kind;
        this.line = line;
        this.reason = reason;
    }

    static TemplateException value(String reason) {
        return new TemplateException(Kind.VALUE, 0, reason);
    }

    static TemplateException undefined(String reason) {
        return new TemplateException(Kind.UNDEFINED, 0, reason);
    }

    static TemplateException unknown(int line, String reason) {
        return new TemplateException(Kind.UNKNOWN, line, reason);
    }

    /** The same with a line, unless it has one already. */
    TemplateException at(int where) {
        if (line > 0 || where <= 0) {
            return this;
        }
        TemplateException placed = new TemplateException(kind, where, reason);
        placed.setStackTrace(getStackTrace());
        return placed;
    }

    /**
     * Returns what is wrong.
     *
     * @return the kind
     */
    public Kind kind() {
        return kind;
    }

    /**
     * Returns where it is wrong.
     *
     * @return the line, from 1, or 0 if it is not known
     */
    public int line() {
        return line;
    }

    /**
     * Returns the message without its line.
     *
     * @return what is wrong, in words; for {@link Kind#RAISED} the template's own
     */
    public String reason() {
        return reason;
    }
}
