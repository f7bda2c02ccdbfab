package io.djlnpu.machine;

import java.util.List;

/**
 * A design breaks limits of the device: its message says which, by how much, and what to change.
 */
public final class DesignException extends IllegalArgumentException {

    private static final long serialVersionUID = 1;

    DesignException(List<String> broken) {
        super(String.join(System.lineSeparator(), broken));
    }
}
