package io.djlnpu.vision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.sun.net.httpserver.HttpServer;
import io.djlnpu.vision.PilPictures.Picture;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Pictures of every kind beside PIL. */
class ImageLoaderTest {

    private static final String LOSSY = "lossy.webp";

    static Stream<Picture> pictures() {
        return PilPictures.all();
    }

    static Stream<Picture> exactPictures() {
        return PilPictures.all().filter(picture -> !picture.name().equals(LOSSY));
    }

    private static RgbImage load(Picture picture) throws IOException {
        return ImageLoader.standard()
                .load(new ByteArrayInputStream(picture.file()), picture.name());
    }

    @ParameterizedTest
    @MethodSource("exactPictures")
    void pixelsAreThoseOfPil(Picture picture) throws IOException {
        RgbImage image = load(picture);
        assertThat(image.width()).isEqualTo(picture.rgb().width());
        assertThat(image.height()).isEqualTo(picture.rgb().height());
        assertThat(image.rgb()).isEqualTo(picture.rgb().rgb());
    }

    /** The reader seems to repeat colour where libwebp interpolates it. */
    @Test
    void lossyWebpIsClose() throws IOException {
        Picture picture = pictures().filter(p -> p.name().equals(LOSSY)).findFirst().orElseThrow();
        byte[] rgb = load(picture).rgb();
        double sum = 0;
        for (int i = 0; i < rgb.length; i++) {
            sum += Math.abs((rgb[i] & 0xff) - (picture.rgb().rgb()[i] & 0xff));
        }
        assertThat(sum / rgb.length).isLessThan(4);
    }

    @ParameterizedTest
    @MethodSource("pictures")
    void resizedPixelsAreThoseOfPil(Picture picture) {
        assertThat(BilinearResize.resize(picture.rgb(), 16, 16).rgb())
                .isEqualTo(picture.resized().rgb());
    }

    static Stream<JsonObject> resizes() {
        return PilPictures.json().getAsJsonArray("resizes").asList().stream()
                .map(JsonElement::getAsJsonObject);
    }

    @ParameterizedTest
    @MethodSource("resizes")
    void oddSizesAreThoseOfPil(JsonObject json) {
        int width = json.get("width").getAsInt();
        int height = json.get("height").getAsInt();
        int to = json.get("to").getAsInt();
        byte[] rgb = new byte[3 * width * height];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int at = 3 * (y * width + x);
                rgb[at] = (byte) (7 * x + 3 * y);
                rgb[at + 1] = (byte) (x * y);
                rgb[at + 2] = (byte) (x + y);
            }
        }
        assertThat(BilinearResize.resize(new RgbImage(width, height, rgb), to, to).rgb())
                .isEqualTo(PilPictures.bytes(json, "resized"));
    }

    /** What an app drew itself, in the layouts that AWT has for opaque and transparent colour. */
    @ParameterizedTest
    @ValueSource(
            ints = {
                BufferedImage.TYPE_INT_RGB,
                BufferedImage.TYPE_INT_ARGB,
                BufferedImage.TYPE_INT_ARGB_PRE,
                BufferedImage.TYPE_INT_BGR,
                BufferedImage.TYPE_3BYTE_BGR,
                BufferedImage.TYPE_4BYTE_ABGR,
                BufferedImage.TYPE_USHORT_565_RGB
            })
    void buffersOfAnyLayoutGiveTheirColours(int type) {
        BufferedImage image = new BufferedImage(2, 2, type);
        image.setRGB(0, 0, new Color(255, 0, 0).getRGB());
        image.setRGB(1, 0, new Color(0, 255, 0).getRGB());
        image.setRGB(0, 1, new Color(0, 0, 255).getRGB());
        image.setRGB(1, 1, new Color(255, 255, 255).getRGB());
        byte on = (byte) 255;
        byte[] expected = {on, 0, 0, 0, on, 0, 0, 0, on, on, on, on};
        assertThat(RgbImage.of(image).rgb()).isEqualTo(expected);
        byte[] below = {0, 0, on, on, on, on};
        assertThat(RgbImage.of(image.getSubimage(0, 1, 2, 1)).rgb()).isEqualTo(below);
    }

    @Test
    void urlsOfDataAndFilesAreRead(@TempDir Path folder) throws IOException {
        Picture picture = pictures().findFirst().orElseThrow();
        Path file = Files.write(folder.resolve("a picture.png"), picture.file());
        String data = "data:image/png;base64," + Base64.getEncoder().encodeToString(picture.file());
        for (String location : new String[] {file.toUri().toString(), file.toString(), data}) {
            assertThat(ImageLoader.standard().load(location).rgb()).isEqualTo(picture.rgb().rgb());
        }
    }

    @Test
    void filesAreNotReadWhereThatIsForbidden(@TempDir Path folder) throws IOException {
        Picture picture = pictures().findFirst().orElseThrow();
        Path file = Files.write(folder.resolve("picture.png"), picture.file());
        ImageLoader strangers = new ImageLoader(ImageLimits.standard(), false, false);
        for (String location : new String[] {file.toString(), file.toUri().toString()}) {
            assertThatThrownBy(() -> strangers.load(location))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("data: URL");
        }
        assertThat(strangers.load(file).rgb()).isEqualTo(picture.rgb().rgb());
    }

    @Test
    void theWebIsAskedWhereThatIsAllowed() throws IOException {
        Picture picture = pictures().findFirst().orElseThrow();
        HttpServer server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/",
                exchange -> {
                    boolean known = exchange.getRequestURI().getPath().equals("/a.png");
                    exchange.sendResponseHeaders(
                            known ? 200 : 404, known ? picture.file().length : -1);
                    if (known) {
                        exchange.getResponseBody().write(picture.file());
                    }
                    exchange.close();
                });
        server.start();
        try {
            String root = "http://127.0.0.1:" + server.getAddress().getPort();
            ImageLoader loader = new ImageLoader(ImageLimits.standard(), false, true);
            assertThat(loader.load(root + "/a.png").rgb()).isEqualTo(picture.rgb().rgb());
            assertThatThrownBy(() -> loader.load(root + "/b.png"))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("404");
            ImageLoader small = new ImageLoader(new ImageLimits(20, 1 << 20), false, true);
            assertThatThrownBy(() -> small.load(root + "/a.png"))
                    .isInstanceOf(ImageFormatException.class);
        } finally {
            server.stop(0);
        }
    }

    @Test
    void aRedirectIsFollowedAndABodyThatStallsIsGivenUp() throws Exception {
        Picture picture = pictures().findFirst().orElseThrow();
        HttpServer server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/moved.png",
                exchange -> {
                    exchange.getResponseHeaders().add("Location", "/a.png");
                    exchange.sendResponseHeaders(302, -1);
                    exchange.close();
                });
        server.createContext(
                "/a.png",
                exchange -> {
                    exchange.sendResponseHeaders(200, picture.file().length);
                    exchange.getResponseBody().write(picture.file());
                    exchange.close();
                });
        server.createContext(
                "/stalls.png",
                exchange -> {
                    exchange.sendResponseHeaders(200, 1000);
                    exchange.getResponseBody().write(new byte[10]);
                    exchange.getResponseBody().flush();
                });
        server.start();
        try {
            String root = "http://127.0.0.1:" + server.getAddress().getPort();
            ImageLoader loader = new ImageLoader(ImageLimits.standard(), false, true);
            assertThat(loader.load(root + "/moved.png").rgb()).isEqualTo(picture.rgb().rgb());
            assertThatThrownBy(
                            () ->
                                    loader.fetch(
                                            URI.create(root + "/stalls.png"),
                                            Duration.ofMillis(500)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("not there after PT0.5S");
        } finally {
            server.stop(0);
        }
    }

    @Test
    void messagesSayWhatToAllowAndAreShort() {
        ImageLoader strangers = new ImageLoader(ImageLimits.standard(), false, false);
        assertThatThrownBy(() -> strangers.load("https://127.0.0.1/a.png"))
                .hasMessageContaining("fetchImages=true");
        assertThatThrownBy(() -> strangers.load("a.png")).hasMessageContaining("imageFiles=true");
        for (ImageLoader loader : new ImageLoader[] {strangers, ImageLoader.standard()}) {
            assertThatThrownBy(() -> loader.load("iVBORw0KGgo".repeat(500)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("data:image/png;base64,")
                    .message()
                    .hasSizeLessThan(250);
        }
    }

    @Test
    void theWebIsNotAskedUnlessThatIsAllowed() {
        assertThatThrownBy(() -> ImageLoader.standard().load("http://127.0.0.1:9/a.png"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("data: URL");
        assertThatThrownBy(() -> ImageLoader.standard().load("ftp://127.0.0.1/a.png"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ImageLoader.standard().load("no such/file.png"))
                .isInstanceOf(FileNotFoundException.class);
        assertThatThrownBy(() -> ImageLoader.standard().load("data:,hello"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void cropsAreThoseOfPanAndScan() {
        RgbImage wide = new RgbImage(1000, 300, new byte[3 * 1000 * 300]);
        assertThat(PanAndScan.OFF.crops(wide)).isEmpty();
        assertThat(PanAndScan.ON.crops(wide))
                .extracting(RgbImage::width)
                .containsExactly(334, 334, 332);
        assertThat(PanAndScan.ON.crops(wide)).extracting(RgbImage::height).containsOnly(300);
        RgbImage tall = new RgbImage(300, 1000, wide.rgb());
        assertThat(PanAndScan.ON.crops(tall))
                .extracting(RgbImage::height)
                .containsExactly(334, 334, 332);
        RgbImage squarish = new RgbImage(1000, 850, new byte[3 * 1000 * 850]);
        assertThat(PanAndScan.ON.crops(squarish)).isEmpty();
        RgbImage small = new RgbImage(500, 200, new byte[3 * 500 * 200]);
        assertThat(PanAndScan.ON.crops(small)).as("crops would be too small").isEmpty();
        RgbImage marked = new RgbImage(600, 300, new byte[3 * 600 * 300]);
        marked.rgb()[3 * 300] = 77;
        assertThat(PanAndScan.ON.crops(marked).get(1).rgb()[0]).isEqualTo((byte) 77);
    }

    @Test
    void pixelsRunFromMinusOneToOne() {
        byte[] rgb = {0, (byte) 255, (byte) 128, 0, (byte) 255, (byte) 128};
        float[] pixels =
                new ImagePreprocessor(ImageSettings.gemma3(1)).pixels(new RgbImage(2, 1, rgb));
        assertThat(pixels[0]).isEqualTo(-1);
        assertThat(pixels[1]).isEqualTo(1);
        assertThat(pixels[2]).isCloseTo(1 / 255f, within(1e-6f));
    }
}
