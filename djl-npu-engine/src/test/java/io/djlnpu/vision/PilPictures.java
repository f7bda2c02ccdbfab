package io.djlnpu.vision;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.stream.Stream;

/**
 * What PIL makes of small pictures of every kind: pictures.json, written by make_pictures.py beside
 * it.
 */
final class PilPictures {

    /** A file, its pixels, and these resized to 16 x 16. */
    record Picture(String name, byte[] file, RgbImage rgb, RgbImage resized) {

        @Override
        public String toString() {
            return name;
        }
    }

    private PilPictures() {}

    static JsonObject json() {
        try (InputStream in = PilPictures.class.getResourceAsStream("pictures.json");
                Reader reader = new InputStreamReader(in, StandardCharsets.UTF_8)) {
            return JsonParser.parseReader(reader).getAsJsonObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Stream<Picture> all() {
        return json().getAsJsonArray("pictures").asList().stream()
                .map(element -> picture(element.getAsJsonObject()));
    }

    static byte[] file(String name) {
        return all().filter(p -> p.name().equals(name)).findFirst().orElseThrow().file();
    }

    private static Picture picture(JsonObject json) {
        return new Picture(
                json.get("name").getAsString(),
                bytes(json, "file"),
                new RgbImage(
                        json.get("width").getAsInt(),
                        json.get("height").getAsInt(),
                        bytes(json, "rgb")),
                new RgbImage(16, 16, bytes(json, "resized")));
    }

    static byte[] bytes(JsonObject json, String name) {
        return Base64.getDecoder().decode(json.get(name).getAsString());
    }
}
