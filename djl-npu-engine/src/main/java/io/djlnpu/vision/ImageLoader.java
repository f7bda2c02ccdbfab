package io.djlnpu.vision;

import io.djlnpu.vision.ImageFormatException.Code;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Reads pictures: PNG, JPEG and, with a reader for ImageIO on the class path, WebP. A camera's
 * orientation (EXIF) is applied. Safe for many threads.
 *
 * <p><b>Errors</b>: {@link ImageFormatException} for a file that is truncated, damaged, too large
 * or of another kind. Sizes are taken from the header and checked before anything is decoded.
 *
 * @param limits how much a picture may take
 * @param files whether locations in requests may be paths and {@code file:} URLs; a server that
 *     answers strangers should not let them name its files
 * @param web whether {@code http} and {@code https} URLs are fetched; off unless asked for, since a
 *     request could otherwise make a server fetch what it likes
 */
public record ImageLoader(ImageLimits limits, boolean files, boolean web) {

    private static final Pattern SCHEME = Pattern.compile("[a-zA-Z][a-zA-Z0-9+.-]+:");
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /**
     * Returns the loader for pictures from anywhere.
     *
     * @return one with standard limits that reads files and fetches nothing
     */
    public static ImageLoader standard() {
        return new ImageLoader(ImageLimits.standard(), true, false);
    }

    /**
     * Reads a file.
     *
     * @param file the picture
     * @return its pixels
     * @throws IOException if it cannot be read or is no picture
     */
    public RgbImage load(Path file) throws IOException {
        // a pipe would be waited for
        if (!Files.isRegularFile(file)) {
            throw new FileNotFoundException(file + ": no such file; a picture is expected");
        }
        try (InputStream in = Files.newInputStream(file)) {
            return load(in, file.toString());
        }
    }

    /**
     * Reads a stream to its end.
     *
     * @param in the picture's file; not closed
     * @param name what to call it in messages
     * @return its pixels
     * @throws IOException if it cannot be read or is no picture
     */
    public RgbImage load(InputStream in, String name) throws IOException {
        int most = (int) Math.min(Integer.MAX_VALUE - 16L, limits.fileBytes() + 1);
        byte[] file = in.readNBytes(most);
        if (file.length > limits.fileBytes()) {
            throw new ImageFormatException(
                    Code.LIMIT_EXCEEDED,
                    "%s: more than %d bytes; scale the picture down"
                            .formatted(name, limits.fileBytes()));
        }
        return new ImageDecoder(file, name).decode(limits);
    }

    /**
     * Reads what a request names: a {@code data:} or {@code file:} URL, the path of a file, or,
     * where that is allowed, a URL of the web.
     *
     * @param location URL or path
     * @return the picture's pixels
     * @throws IOException if it cannot be fetched or is no picture
     * @throws IllegalArgumentException if it is malformed or may not be fetched
     */
    public RgbImage load(String location) throws IOException {
        if (location.regionMatches(true, 0, "data:", 0, 5)) {
            return data(location.substring(5));
        }
        // a scheme of one letter is a drive of Windows
        if (!SCHEME.matcher(location).lookingAt()) {
            return loadAllowed(Path.of(location));
        }
        URI url = URI.create(location);
        return switch (url.getScheme().toLowerCase(Locale.ROOT)) {
            case "file" -> loadAllowed(Path.of(url));
            case "http", "https" -> fetch(url);
            default ->
                    throw new IllegalArgumentException(
                            "a picture by '%s:', expected data:, file: or https:"
                                    .formatted(url.getScheme()));
        };
    }

    private RgbImage loadAllowed(Path file) throws IOException {
        if (!files) {
            throw new IllegalArgumentException(
                    "pictures are not read from this machine's files; send the content as a data: URL");
        }
        return load(file);
    }

    private RgbImage data(String content) throws IOException {
        int comma = content.indexOf(',');
        if (comma < 0 || !content.substring(0, comma).endsWith(";base64")) {
            throw new IllegalArgumentException(
                    "a data: URL of a picture without ';base64,' before its content");
        }
        if (content.length() - comma > limits.fileBytes() / 3 * 4 + 8) {
            throw new ImageFormatException(
                    Code.LIMIT_EXCEEDED,
                    "data: URL: more than %d bytes".formatted(limits.fileBytes()));
        }
        byte[] file;
        try {
            file =
                    Base64.getMimeDecoder()
                            .decode(
                                    content.substring(comma + 1)
                                            .getBytes(StandardCharsets.US_ASCII));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "a data: URL whose content is not base64: " + e.getMessage(), e);
        }
        return new ImageDecoder(file, "data: URL").decode(limits);
    }

    private RgbImage fetch(URI url) throws IOException {
        if (!web) {
            throw new IllegalArgumentException(
                    "%s: pictures are not fetched from the web unless that is allowed; send its content as a data: URL"
                            .formatted(url));
        }
        try (HttpClient client = HttpClient.newBuilder().connectTimeout(PATIENCE).build()) {
            HttpRequest request = HttpRequest.newBuilder(url).timeout(PATIENCE).build();
            HttpResponse<InputStream> response =
                    client.send(request, HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream body = response.body()) {
                if (response.statusCode() != 200) {
                    throw new IOException(
                            "%s: status %d, expected 200".formatted(url, response.statusCode()));
                }
                return load(body, url.toString());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(url + ": interrupted while fetching", e);
        }
    }
}
