package io.djlnpu.vision;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * How a model wants its pictures, as its {@value #FILE} says.
 *
 * @param size side of the square that the tower takes, in pixels
 * @param rescaleFactor factor of the 8-bit values, before mean and deviation
 * @param mean subtracted from red, green and blue
 * @param deviation divides red, green and blue
 * @param panAndScan when long pictures are cut into crops as well
 */
public record ImageSettings(
        int size,
        double rescaleFactor,
        List<Float> mean,
        List<Float> deviation,
        PanAndScan panAndScan) {

    /** The file beside a model. */
    public static final String FILE = "preprocessor_config.json";

    private static final long MAX_BYTES = 1 << 20;

    /** Checks the values. */
    public ImageSettings {
        mean = List.copyOf(mean);
        deviation = List.copyOf(deviation);
        if (size < 1 || mean.size() != 3 || deviation.size() != 3) {
            throw new IllegalArgumentException(
                    "pictures of %d pixels, %d means, %d deviations; expected at least 1 pixel and 3 of each"
                            .formatted(size, mean.size(), deviation.size()));
        }
        if (!deviation.stream().allMatch(d -> d > 0 && Float.isFinite(d))
                || !mean.stream().allMatch(Float::isFinite)
                || !Double.isFinite(rescaleFactor)) {
            throw new IllegalArgumentException(
                    "factor %s, means %s, deviations %s: finite values and deviations above 0 are expected"
                            .formatted(rescaleFactor, mean, deviation));
        }
    }

    /**
     * Returns Gemma 3's own.
     *
     * @param size side of the square that the tower takes, in pixels
     * @return values from -1 to 1, no crops
     */
    public static ImageSettings gemma3(int size) {
        List<Float> half = List.of(0.5f, 0.5f, 0.5f);
        return new ImageSettings(size, 1 / 255.0, half, half, PanAndScan.OFF);
    }

    /**
     * Reads a model's settings. What the file does not say, or a missing file, is {@link
     * #gemma3}'s.
     *
     * @param modelFolder the folder of {@value #FILE}
     * @param size side that the model's configuration states, in pixels
     * @return the settings
     * @throws ModelFormatException if the file is malformed, or asks for what is not supported
     */
    public static ImageSettings read(Path modelFolder, int size) throws IOException {
        Path file = modelFolder.resolve(FILE);
        if (!Files.isRegularFile(file)) {
            return gemma3(size);
        }
        if (Files.size(file) > MAX_BYTES) {
            throw new ModelFormatException(
                    Code.LIMIT_EXCEEDED,
                    "%s: %d bytes, expected at most %d"
                            .formatted(file, Files.size(file), MAX_BYTES));
        }
        try {
            JsonObject json = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
            return of(json, size);
        } catch (JsonParseException
                | IllegalStateException
                | UnsupportedOperationException
                | IllegalArgumentException e) {
            throw new ModelFormatException(
                    Code.MALFORMED,
                    "%s: %s; take the file from where the model came from"
                            .formatted(file, e.getMessage()),
                    e);
        }
    }

    private static ImageSettings of(JsonObject json, int size) {
        ImageSettings usual = gemma3(size);
        if (json.get("size") instanceof JsonObject sides) {
            for (String side : List.of("height", "width")) {
                if (sides.has(side) && sides.get(side).getAsInt() != size) {
                    throw new IllegalArgumentException(
                            "'size.%s' is %s, the model's tower takes %d"
                                    .formatted(side, sides.get(side), size));
                }
            }
        }
        int filter = has(json, "resample") ? json.get("resample").getAsInt() : 2;
        if (filter != 2) {
            throw new IllegalArgumentException(
                    "'resample' is %d, only 2 (bilinear) is supported".formatted(filter));
        }
        boolean rescale = flag(json, "do_rescale", true);
        boolean normalize = flag(json, "do_normalize", true);
        double factor =
                has(json, "rescale_factor")
                        ? json.get("rescale_factor").getAsDouble()
                        : usual.rescaleFactor;
        return new ImageSettings(
                size,
                rescale ? factor : 1,
                normalize ? triple(json, "image_mean", usual.mean) : List.of(0f, 0f, 0f),
                normalize ? triple(json, "image_std", usual.deviation) : List.of(1f, 1f, 1f),
                PanAndScan.of(json));
    }

    static boolean has(JsonObject json, String name) {
        return json.has(name) && !json.get(name).isJsonNull();
    }

    static boolean flag(JsonObject json, String name, boolean otherwise) {
        return has(json, name) ? json.get(name).getAsBoolean() : otherwise;
    }

    private static List<Float> triple(JsonObject json, String name, List<Float> otherwise) {
        return has(json, name)
                ? json.getAsJsonArray(name).asList().stream().map(JsonElement::getAsFloat).toList()
                : otherwise;
    }

    /**
     * Chooses when long pictures are cut.
     *
     * @param other the choice
     * @return these settings with it
     */
    public ImageSettings with(PanAndScan other) {
        return new ImageSettings(size, rescaleFactor, mean, deviation, other);
    }
}
