package io.djlnpu.vision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.djlnpu.vision.ImageFormatException.Code;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One file for each way to be wrong: a typed error, within the limits. */
class HostilePicturesTest {

    private static final ImageLimits LIMITS = new ImageLimits(1 << 20, 16 << 20);

    private static RgbImage load(byte[] file) throws IOException {
        return new ImageLoader(LIMITS, false, false)
                .load(new ByteArrayInputStream(file), "a picture");
    }

    private static void refuses(byte[] file, Code... codes) {
        assertThatThrownBy(() -> load(file))
                .isInstanceOfSatisfying(
                        ImageFormatException.class,
                        e -> assertThat(e.code()).isIn((Object[]) codes))
                .hasMessageStartingWith("a picture: ");
    }

    private static byte[] chunk(String tag, byte[] data) {
        byte[] name = tag.getBytes(StandardCharsets.US_ASCII);
        CRC32 sum = new CRC32();
        sum.update(name);
        sum.update(data);
        return ByteBuffer.allocate(12 + data.length)
                .putInt(data.length)
                .put(name)
                .put(data)
                .putInt((int) sum.getValue())
                .array();
    }

    /** A grey picture of 8 bits that states these sizes and holds this many zero bytes. */
    private static byte[] png(int width, int height, int content) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(PngHeader.SIGNATURE);
        byte[] header = {8, 0, 0, 0, 0};
        out.writeBytes(
                chunk(
                        "IHDR",
                        ByteBuffer.allocate(13).putInt(width).putInt(height).put(header).array()));
        Deflater deflater = new Deflater();
        deflater.setInput(new byte[content]);
        deflater.finish();
        byte[] packed = new byte[content + 100];
        int length = deflater.deflate(packed);
        deflater.end();
        out.writeBytes(chunk("IDAT", Arrays.copyOf(packed, length)));
        out.writeBytes(chunk("IEND", new byte[0]));
        return out.toByteArray();
    }

    @Test
    void theOneThatIsRightIsRead() throws IOException {
        assertThat(load(png(3, 2, 8)).rgb()).containsOnly(0).hasSize(18);
    }

    @ParameterizedTest
    @CsvSource({
        "100000, 100000",
        "65535, 65535",
        "100000, 1",
        "1, 2147483647",
        "-1, 5",
        "5000, 5000",
        "65536, 65536"
    })
    void bombsAreRefusedByTheirHeader(int width, int height) {
        refuses(png(width, height, 8), Code.LIMIT_EXCEEDED);
    }

    @ParameterizedTest
    @CsvSource({"0, 5", "5, 0", "0, 0"})
    void nothingToSeeIsRefused(int width, int height) {
        refuses(png(width, height, 8), Code.MALFORMED);
    }

    @Test
    void aLongFileIsRefused() {
        refuses(new byte[(1 << 20) + 1], Code.LIMIT_EXCEEDED);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GIF89a......",
                "BM..........",
                "II*.........",
                "<svg xmlns=>",
                "RIFF....WAVE"
            })
    void otherKindsAreRefused(String file) {
        refuses(file.getBytes(StandardCharsets.US_ASCII), Code.UNSUPPORTED);
    }

    @Test
    void anEmptyFileIsRefused() {
        refuses(new byte[0], Code.TRUNCATED);
    }

    @Test
    void tooFewRowsAreRefused() {
        refuses(png(30, 30, 31 * 15), Code.MALFORMED, Code.TRUNCATED);
    }

    @Test
    void aWrongChecksumIsRefused() {
        byte[] file = PilPictures.file("rgb8.png");
        file[60] ^= 1;
        refuses(file, Code.MALFORMED);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "rgb8.png",
                "palette4.png",
                "420.jpg",
                "progressive.jpg",
                "cmyk.jpg",
                "lossless.webp",
                "lossy.webp",
                "interlaced.png",
                "ycck.jpg",
                "profile.webp"
            })
    void noBeginningOfAFileIsTakenForThePicture(String name) {
        byte[] file = PilPictures.file(name);
        for (int length = 0; length < file.length; length += length < 700 ? 1 : 7) {
            byte[] cut = Arrays.copyOf(file, length);
            assertThatThrownBy(() -> load(cut))
                    .as("%d bytes of %d", length, file.length)
                    .isInstanceOf(ImageFormatException.class);
        }
    }

    /** A frame that is larger than what its scans hold. */
    @Test
    void aJpegThatLiesAboutItsSizeIsRefused() {
        byte[] file = PilPictures.file("420.jpg");
        int frame = find(file, 0xff, 0xc0);
        file[frame + 5] = 2; // 512 rows more
        refuses(file, Code.TRUNCATED, Code.MALFORMED);
        file[frame + 5] = -1;
        file[frame + 7] = -1;
        refuses(file, Code.LIMIT_EXCEEDED);
        file[frame + 9] = 2; // components
        refuses(file, Code.UNSUPPORTED);
    }

    @Test
    void aWebpThatLiesAboutItsSizeIsRefused() {
        byte[] file = PilPictures.file("exif.webp");
        file[24] += 3; // width on the canvas
        refuses(file, Code.MALFORMED);
        byte[] large = PilPictures.file("lossless.webp");
        large[21] = -1; // width and height of the picture
        large[22] = -1;
        large[23] = -1;
        refuses(large, Code.LIMIT_EXCEEDED);
    }

    @Test
    void anAnimatedWebpIsRefused() {
        byte[] file = PilPictures.file("exif.webp");
        file[20] |= 0x02;
        refuses(file, Code.UNSUPPORTED);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4, 5, 6, 10, 11, 12, 13, 18})
    void exifThatLiesLeavesThePictureUpright(int at) throws IOException {
        byte[] file = PilPictures.file("exif6.jpg");
        int tiff = find(file, 'E', 'x', 'i', 'f', 0, 0) + 6;
        file[tiff + at] = -1;
        RgbImage image = load(file);
        assertThat(image.width()).isGreaterThan(image.height());
    }

    private static int find(byte[] file, int... bytes) {
        for (int at = 0; ; at++) {
            int matching = 0;
            while (matching < bytes.length && (file[at + matching] & 0xff) == bytes[matching]) {
                matching++;
            }
            if (matching == bytes.length) {
                return at;
            }
        }
    }

    /** Whatever is changed: a picture of the stated size, or a typed error. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "rgb8.png",
                "palette4.png",
                "exif.png",
                "420.jpg",
                "progressive.jpg",
                "exif6.jpg",
                "cmyk.jpg",
                "lossless.webp",
                "exif.webp",
                "lossy.webp",
                "interlaced.png",
                "ycck.jpg",
                "profile.webp"
            })
    void damageIsSurvived(String name) throws IOException {
        Random random = new Random(name.hashCode());
        byte[] whole = PilPictures.file(name);
        for (int i = 0; i < 100; i++) {
            byte[] file = whole.clone();
            for (int n = random.nextInt(4); n >= 0; n--) {
                file[random.nextInt(file.length)] = (byte) random.nextInt(256);
            }
            try {
                assertThat(load(file).rgb().length).isLessThan(16 << 20);
            } catch (ImageFormatException e) {
                assertThat(e).hasMessageStartingWith("a picture: ");
            }
        }
    }
}
