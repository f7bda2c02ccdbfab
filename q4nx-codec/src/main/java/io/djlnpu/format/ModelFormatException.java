package io.djlnpu.format;

import java.io.IOException;
import java.util.Objects;

/**
 * A model file that cannot be used: truncated, hostile, of another kind, or incomplete.
 *
 * <p>The message follows one pattern: what failed, where, what was found, what was expected, what
 * to do. Programs branch on {@link #code()}, never on the text.
 */
public final class ModelFormatException extends IOException {

    private static final long serialVersionUID = 1L;

    /** Stable reasons; new ones may be added, none changes its meaning. */
    public enum Code {
        /** The file ends before what its own header promises. */
        TRUNCATED,
        /** A header, length or structure that the format forbids. */
        MALFORMED,
        /** A length, count or nesting beyond what any real file has. */
        LIMIT_EXCEEDED,
        /** Two parts of the file claim the same bytes, or the same name. */
        OVERLAP,
        /** A shape that disagrees with its data or with the configuration. */
        SHAPE_MISMATCH,
        /** A number that must be finite is not. */
        NOT_FINITE,
        /** A path that leaves the model's folder. */
        PATH_ESCAPE,
        /** A file that the model refers to is not there. */
        MISSING_FILE,
        /** A tensor that the model needs is not there. */
        MISSING_TENSOR,
        /** A configuration value that is neither stated nor recoverable. */
        MISSING_CONFIG,
        /** Values that contradict each other. */
        CONFLICT,
        /** A checksum that does not match. */
        CHECKSUM,
        /** Well-formed, but of an architecture other than Gemma 3. */
        UNSUPPORTED_MODEL,
        /** Gemma 3, but encoded in a way that cannot be read. */
        UNSUPPORTED_ENCODING,
        /** The target exists already and may not be replaced. */
        TARGET_EXISTS
    }

    private final Code code;

    /**
     * Constructs the exception.
     *
     * @param code the stable reason
     * @param message what failed, where, what was found, what was expected, what to do
     */
    public ModelFormatException(Code code, String message) {
        super(message);
        this.code = Objects.requireNonNull(code);
    }

    /**
     * Constructs the exception with a cause.
     *
     * @param code the stable reason
     * @param message what failed, where, what was found, what was expected, what to do
     * @param cause what was caught
     */
    public ModelFormatException(Code code, String message, Throwable cause) {
        super(message, cause);
        this.code = Objects.requireNonNull(code);
    }

    /**
     * Returns the stable reason.
     *
     * @return the stable reason
     */
    public Code code() {
        return code;
    }
}
