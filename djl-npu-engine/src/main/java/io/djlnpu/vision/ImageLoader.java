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
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
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
    private static final Pattern BASE64 = Pattern.compile("[A-Za-z0-9+/\\s]{256,}=*\\s*");
    private static final int LONGEST_PATH = 4096;
    private static final int MOST_OF_A_NAME = 80;
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
     * What is done with a picture. Its memory counts among what all pictures of the JVM may take
     * together until this returns; whoever comes meanwhile waits.
     *
     * @param <T> what becomes of it
     */
    @FunctionalInterface
    public interface Use<T> {

        /**
         * Uses the picture.
         *
         * @param image its pixels
         * @return what becomes of it
         * @throws IOException if it cannot be used
         */
        T apply(RgbImage image) throws IOException;
    }

    /**
     * Reads a file.
     *
     * @param file the picture
     * @return its pixels
     * @throws IOException if it cannot be read or is no picture
     */
    public RgbImage load(Path file) throws IOException {
        return load(file, image -> image);
    }

    private <T> T load(Path file, Use<T> use) throws IOException {
        requireFile(file);
        try (InputStream in = Files.newInputStream(file)) {
            return decoder(in, file.toString()).decode(limits, use);
        }
    }

    /** A pipe would be waited for. */
    private static void requireFile(Path file) throws FileNotFoundException {
        if (!Files.isRegularFile(file)) {
            throw new FileNotFoundException(
                    shortened(file.toString()) + ": no such file; a picture is expected");
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
        return decoder(in, name).decode(limits, image -> image);
    }

    private ImageDecoder decoder(InputStream in, String name) throws IOException {
        return new ImageDecoder(read(in, name), name);
    }

    private byte[] read(InputStream in, String name) throws IOException {
        int most = (int) Math.min(Integer.MAX_VALUE - 16L, limits.fileBytes() + 1);
        byte[] file = in.readNBytes(most);
        if (file.length > limits.fileBytes()) {
            throw new ImageFormatException(
                    Code.LIMIT_EXCEEDED,
                    "%s: more than %d bytes; scale the picture down"
                            .formatted(name, limits.fileBytes()));
        }
        return file;
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
        return load(location, image -> image);
    }

    /**
     * As {@link #load(String)}, for a picture that is used up at once.
     *
     * @param <T> what becomes of it
     * @param location URL or path
     * @param use what is done with it
     * @return what becomes of it
     * @throws IOException if it cannot be fetched, is no picture or cannot be used
     * @throws IllegalArgumentException if it is malformed or may not be fetched
     */
    public <T> T load(String location, Use<T> use) throws IOException {
        if (location.regionMatches(true, 0, "data:", 0, 5)) {
            return data(location.substring(5), use);
        }
        // a scheme of one letter is a drive of Windows
        if (!SCHEME.matcher(location).lookingAt()) {
            if (location.length() > LONGEST_PATH || BASE64.matcher(location).matches()) {
                throw new IllegalArgumentException(
                        "a picture '%s' that is no path; put 'data:image/png;base64,' before its content"
                                .formatted(shortened(location)));
            }
            return loadAllowed(Path.of(location), use);
        }
        URI url = URI.create(location);
        return switch (url.getScheme().toLowerCase(Locale.ROOT)) {
            case "file" -> loadAllowed(Path.of(url), use);
            case "http", "https" -> fetch(url, use);
            default ->
                    throw new IllegalArgumentException(
                            "a picture by '%s:', expected data:, file: or https:"
                                    .formatted(url.getScheme()));
        };
    }

    private <T> T loadAllowed(Path file, Use<T> use) throws IOException {
        if (!files) {
            throw new IllegalArgumentException(
                    "pictures are not read from this machine's files unless the argument imageFiles=true allows it; send the content as a data: URL");
        }
        return load(file, use);
    }

    private <T> T data(String content, Use<T> use) throws IOException {
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
        return new ImageDecoder(file, "data: URL").decode(limits, use);
    }

    private <T> T fetch(URI url, Use<T> use) throws IOException {
        if (!web) {
            throw new IllegalArgumentException(
                    "%s: pictures are not fetched from the web unless the argument fetchImages=true allows it; send its content as a data: URL"
                            .formatted(shortened(url.toString())));
        }
        return new ImageDecoder(fetch(url, PATIENCE), shortened(url.toString()))
                .decode(limits, use);
    }

    /** Follows redirects, though not from https to http; the whole file has to come in time. */
    byte[] fetch(URI url, Duration patience) throws IOException {
        FutureTask<byte[]> file = new FutureTask<>(() -> download(url));
        Thread.ofVirtual().name("npu-picture").start(file);
        try {
            return file.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new IOException("%s: not there after %s".formatted(url, patience), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(url + ": interrupted while fetching", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof ImageFormatException cause) {
                throw cause;
            }
            throw new IOException("%s: %s".formatted(url, e.getCause()), e);
        } finally {
            file.cancel(true);
        }
    }

    private byte[] download(URI url) throws IOException, InterruptedException {
        HttpClient client =
                HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NORMAL).build();
        try {
            HttpResponse<InputStream> response =
                    client.send(
                            HttpRequest.newBuilder(url).build(),
                            HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream body = response.body()) {
                if (response.statusCode() != 200) {
                    throw new IOException(
                            "status %d, expected 200".formatted(response.statusCode()));
                }
                return read(body, url.toString());
            }
        } finally {
            client.shutdownNow();
        }
    }

    /** A name for messages; some are as long as a picture. */
    private static String shortened(String name) {
        return name.length() <= MOST_OF_A_NAME ? name : name.substring(0, MOST_OF_A_NAME) + "...";
    }
}
