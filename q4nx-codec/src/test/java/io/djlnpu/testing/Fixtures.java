package io.djlnpu.testing;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;

/** Finds fixtures: the small ones in the resources, the large ones beside the project. */
public final class Fixtures {

    private Fixtures() {}

    /** Returns a file beside the project; skips the test where it is not there. */
    public static Path require(String relative) {
        return find(relative)
                .orElseGet(
                        () ->
                                Assumptions.abort(
                                        "skipped: fixture '"
                                                + relative
                                                + "' does not lie beside the project"));
    }

    /** Returns a golden of the converter, from the resources or from beside the project. */
    public static Path golden(String relative) {
        var resource = Fixtures.class.getResource("/q4nx/" + relative);
        if (resource == null) {
            return require("q4nx/" + relative);
        }
        try {
            return Path.of(resource.toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Optional<Path> find(String relative) {
        for (Path up = Path.of("").toAbsolutePath(); up != null; up = up.getParent()) {
            Path candidate = up.resolve("shared/fixtures").resolve(relative);
            if (Files.exists(candidate)) {
                return Optional.of(candidate);
            }
        }
        return Optional.empty();
    }

    /** Parses a JSON file. */
    public static JsonObject json(Path file) throws IOException {
        return Objects.requireNonNull(JsonParser.parseString(Files.readString(file)))
                .getAsJsonObject();
    }
}
