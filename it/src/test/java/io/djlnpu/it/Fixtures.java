package io.djlnpu.it;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/**
 * Real models and reference outputs beside the project. Tests that need them say so and are skipped
 * without.
 */
final class Fixtures {

    private Fixtures() {}

    /** A file or folder of the shared fixtures. */
    static Path require(String relative) {
        for (Path up = Path.of("").toAbsolutePath(); up != null; up = up.getParent()) {
            Path candidate = up.resolve("shared/fixtures").resolve(relative);
            if (Files.exists(candidate)) {
                return candidate;
            }
        }
        return Assumptions.abort(
                "skipped: '"
                        + relative
                        + "' of the shared fixtures does not lie beside the project");
    }

    /**
     * The real Gemma 3 270M, which has to be built first because its licence keeps it out of the
     * repository.
     */
    static Path requireRealModel(String dialect) {
        return requireRealModel("gemma3-270m", dialect);
    }

    /** One of the real models, each of which has a make.sh. */
    static Path requireRealModel(String model, String dialect) {
        String cache =
                System.getenv()
                        .getOrDefault(
                                "NPU_FIXTURES",
                                System.getProperty("user.home") + "/.cache/npu-fixtures");
        Path folder = Path.of(cache, model, "onnx", dialect);
        Assumptions.assumeTrue(
                Files.exists(folder.resolve("DONE")),
                "skipped: "
                        + folder
                        + " is not there; "
                        + model
                        + "/make.sh of the shared fixtures makes it");
        return folder;
    }

    static JsonObject json(Path file) throws IOException {
        return JsonParser.parseString(Files.readString(file)).getAsJsonObject();
    }

    static int[] ints(JsonElement element) {
        JsonArray array = element.getAsJsonArray();
        int[] values = new int[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = array.get(i).getAsInt();
        }
        return values;
    }

    static int[] concat(int[] first, int[] second, int secondLength) {
        int[] all = java.util.Arrays.copyOf(first, first.length + secondLength);
        System.arraycopy(second, 0, all, first.length, secondLength);
        return all;
    }
}
