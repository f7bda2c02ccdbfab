package io.djlnpu.vision;

import java.io.IOException;
import java.util.Objects;

/**
 * A picture that cannot be used: truncated, hostile, or of an unknown kind.
 *
 * <p>Programs branch on {@link #code()}, never on the text.
 */
public final class ImageFormatException extends IOException {

    private static final long serialVersionUID = 1L;

    /** Stable reasons; new ones may be added, none changes its meaning. */
    public enum Code {
        /** The file ends before what its own header promises. */
        TRUNCATED,
        /** A header, length or structure that the format forbids. */
        MALFORMED,
        /** More bytes or pixels than allowed. */
        LIMIT_EXCEEDED,
        /** A kind of picture that is not read. */
        UNSUPPORTED
    }

    private final Code code;

    ImageFormatException(Code code, String message) {
        this(code, message, null);
    }

    ImageFormatException(Code code, String message, Throwable cause) {
        super(message, cause);
        this.code = Objects.requireNonNull(code);
    }

    /**
     * Returns the reason.
     *
     * @return the stable reason
     */
    public Code code() {
        return code;
    }
}
