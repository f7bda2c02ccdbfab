package io.djlnpu.bundle;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** Finds the large fixtures beside the project; tests that need them are skipped without. */
final class Fixtures {

    private Fixtures() {}

    static Path require(String relative) {
        for (Path up = Path.of("").toAbsolutePath(); up != null; up = up.getParent()) {
            Path candidate = up.resolve("shared/fixtures").resolve(relative);
            if (Files.exists(candidate)) {
                return candidate;
            }
        }
        Assumptions.abort("skipped: fixture '" + relative + "' does not lie beside the project");
        throw new AssertionError();
    }
}
