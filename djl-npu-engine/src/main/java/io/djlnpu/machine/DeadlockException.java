package io.djlnpu.machine;

import java.util.List;

/** The machine cannot go on: its message says who waits for which lock since when. */
public final class DeadlockException extends RuntimeException {

    private static final long serialVersionUID = 1;

    DeadlockException(List<String> waiting) {
        super("deadlock:" + System.lineSeparator() + String.join(System.lineSeparator(), waiting));
    }
}
