package io.djlnpu.translate;

import ai.djl.modality.cv.Image;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.djlnpu.engine.TextPipeline;
import io.djlnpu.generate.Picture;
import io.djlnpu.vision.ImageLimits;
import io.djlnpu.vision.ImageLoader;
import io.djlnpu.vision.RgbImage;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;

/**
 * Pictures as apps and requests give them. Arguments: {@code fetchImages} allows URLs of the web
 * (default false), {@code imageFiles} allows paths of files (default false), {@code panAndScan} has
 * long pictures cut into crops, {@code question} is asked about a picture that comes without a
 * text.
 *
 * <p><b>Errors</b>: {@link IllegalArgumentException} for a picture that cannot be read, and for a
 * model that does not see.
 */
record PictureReader(TextPipeline text, ImageLoader loader, boolean panAndScan, String question) {

    private static final String DESCRIBE = "Describe the picture.";

    /**
     * Reads what strangers may have written: their requests name no files unless that is allowed.
     */
    static PictureReader of(TextPipeline text, JsonObject arguments) {
        ImageLoader loader =
                new ImageLoader(
                        ImageLimits.standard(),
                        isTrue(arguments, "imageFiles", false),
                        isTrue(arguments, "fetchImages", false));
        String question =
                arguments.has("question") ? arguments.get("question").getAsString() : DESCRIBE;
        return new PictureReader(text, loader, isTrue(arguments, "panAndScan", false), question);
    }

    private static boolean isTrue(JsonObject arguments, String name, boolean otherwise) {
        return arguments.has(name) ? arguments.get(name).getAsBoolean() : otherwise;
    }

    /** Tells whether a part of a message, or a request, holds a picture. */
    static boolean holdsPicture(JsonObject json) {
        return location(json) != null;
    }

    /** Reads {@code {"type": "image_url", "image_url": {"url": "..."}}} and its shorter forms. */
    Picture read(JsonObject json) {
        String location = location(json);
        return read(() -> loader.load(location));
    }

    private static String location(JsonObject json) {
        for (String name : List.of("image_url", "image")) {
            JsonElement value = json.get(name);
            if (value instanceof JsonObject inner) {
                value = inner.get("url");
            }
            if (value != null && value.isJsonPrimitive()) {
                return value.getAsString();
            }
        }
        boolean image =
                json.get("type") instanceof JsonPrimitive type
                        && type.getAsString().equals("image");
        return image && json.get("url") instanceof JsonPrimitive url ? url.getAsString() : null;
    }

    /** Reads DJL's picture; one that AWT did not make goes through PNG. */
    Picture read(Image image) {
        return read(
                () -> {
                    if (image.getWrappedImage() instanceof BufferedImage buffered) {
                        return RgbImage.of(buffered);
                    }
                    ByteArrayOutputStream png = new ByteArrayOutputStream();
                    image.save(png, "png");
                    return loader.load(new ByteArrayInputStream(png.toByteArray()), "image");
                });
    }

    @FunctionalInterface
    private interface Source {

        RgbImage load() throws IOException;
    }

    private Picture read(Source source) {
        try {
            return text.picture(source.load(), panAndScan);
        } catch (IOException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }
}
