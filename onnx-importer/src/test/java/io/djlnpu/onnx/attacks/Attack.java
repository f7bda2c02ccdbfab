package io.djlnpu.onnx.attacks;

import io.djlnpu.format.ModelFormatException.Code;
import java.nio.file.Path;

/**
 * One way to be wrong.
 *
 * @param what the file, in a few words
 * @param code the reason that the reader must give
 * @param action builds the file in an empty folder and reads it
 */
record Attack(String what, Code code, Action action) {

    /** Builds and reads. */
    interface Action {
        void run(Path folder) throws Exception;
    }

    /** The attack's line in docs/attacks-onnx.md. */
    String line() {
        return "| " + what + " | `" + code + "` |";
    }

    @Override
    public String toString() {
        return what;
    }
}
