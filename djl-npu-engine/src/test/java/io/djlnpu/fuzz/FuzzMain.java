package io.djlnpu.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The door for Jazzer: the reader that the system property {@code fuzz.target} names. */
public final class FuzzMain {

    private static final FuzzTargets.Target TARGET = target();

    private FuzzMain() {}

    private static FuzzTargets.Target target() {
        try {
            Path folder = Files.createTempDirectory("npu-fuzz");
            return FuzzTargets.all(folder).get(System.getProperty("fuzz.target"));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Called by Jazzer with each input. */
    public static void fuzzerTestOneInput(byte[] input) throws Exception {
        TARGET.read(input);
    }
}
