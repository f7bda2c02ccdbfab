package io.djlnpu.machine;

/** A byte was read that nothing had written. */
public final class PoisonException extends RuntimeException {

    private static final long serialVersionUID = 1;

    PoisonException(String message) {
        super(message);
    }
}
