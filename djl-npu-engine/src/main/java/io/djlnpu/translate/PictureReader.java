package io.djlnpu.translate;

import ai.djl.modality.cv.Image;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.djlnpu.engine.TextPipeline;
import io.djlnpu.generate.Numbers;
import io.djlnpu.generate.Picture;
import io.djlnpu.vision.ImageLimits;
import io.djlnpu.vision.ImageLoader;
import io.djlnpu.vision.RgbImage;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.List;
import java.util.concurrent.CancellationException;

/**
 * Pictures as apps and requests give them. Arguments: {@code fetchImages} allows URLs of the web
 * (default false), {@code imageFiles} allows paths of files (default false), {@code panAndScan} has
 * long pictures cut into crops, {@code maxPictures} limits the pictures of a request (default 16),
 * {@code question} is asked about a picture that comes without a text.
 *
 * <p><b>Errors</b>: {@link IllegalArgumentException} for a picture that cannot be read, and for a
 * model that does not see.
 */
record PictureReader(
        TextPipeline text, ImageLoader loader, boolean panAndScan, String question, int most) {

    private static final int USUAL_MOST = 16;
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
        int most =
                arguments.has("maxPictures")
                        ? Numbers.whole("maxPictures", arguments.get("maxPictures"), 0, 1 << 16)
                        : USUAL_MOST;
        return new PictureReader(
                text, loader, isTrue(arguments, "panAndScan", false), question, most);
    }

    private static boolean isTrue(JsonObject arguments, String name, boolean otherwise) {
        return arguments.has(name) ? Numbers.truth(name, arguments.get(name)) : otherwise;
    }

    /** Tells whether a part of a message, or a request, holds a picture. */
    static boolean holdsPicture(JsonObject json) {
        return location(json) != null;
    }

    /**
     * Reads one more picture of a request.
     *
     * @throws IllegalArgumentException also if the request holds as many as it may
     */
    Picture read(JsonObject json, List<Picture> before) {
        if (before.size() >= most) {
            throw new IllegalArgumentException(
                    "more than %d pictures in a request; send fewer, or load the model with the argument maxPictures"
                            .formatted(most));
        }
        return read(json);
    }

    /** Reads {@code {"type": "image_url", "image_url": {"url": "..."}}} and its shorter forms. */
    private Picture read(JsonObject json) {
        String location = location(json);
        return read(() -> loader.load(location, this::prepare));
    }

    private Picture prepare(RgbImage image) throws IOException {
        return text.picture(image, panAndScan);
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
                        return prepare(RgbImage.of(buffered));
                    }
                    ByteArrayOutputStream png = new ByteArrayOutputStream();
                    image.save(png, "png");
                    return prepare(
                            loader.load(new ByteArrayInputStream(png.toByteArray()), "image"));
                });
    }

    @FunctionalInterface
    private interface Source {

        Picture load() throws IOException;
    }

    private Picture read(Source source) {
        try {
            return source.load();
        } catch (InterruptedIOException e) {
            throw (CancellationException) new CancellationException(e.getMessage()).initCause(e);
        } catch (IOException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }
}
