package io.djlnpu.vision;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What turns a picture: EXIF in every whole type, and XMP where EXIF says nothing. */
class OrientationTest {

    private static final int HEADER = 33;

    /** A picture of 2 x 1 pixels. */
    private static byte[] plain(String format) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(new BufferedImage(2, 1, BufferedImage.TYPE_INT_RGB), format, out);
        return out.toByteArray();
    }

    private static byte[] png(String tag, byte[] data) throws IOException {
        byte[] plain = plain("png");
        byte[] name = tag.getBytes(StandardCharsets.US_ASCII);
        CRC32 sum = new CRC32();
        sum.update(name);
        sum.update(data);
        return ByteBuffer.allocate(plain.length + 12 + data.length)
                .put(plain, 0, HEADER)
                .putInt(data.length)
                .put(name)
                .put(data)
                .putInt((int) sum.getValue())
                .put(plain, HEADER, plain.length - HEADER)
                .array();
    }

    private static byte[] jpeg(byte[] segment) throws IOException {
        byte[] plain = plain("jpg");
        return ByteBuffer.allocate(plain.length + 4 + segment.length)
                .put(plain, 0, 2)
                .putShort((short) 0xffe1)
                .putShort((short) (segment.length + 2))
                .put(segment)
                .put(plain, 2, plain.length - 2)
                .array();
    }

    private static byte[] tiff(ByteOrder order, int type, int count, int value) {
        ByteBuffer tiff = ByteBuffer.allocate(26).order(order);
        tiff.putShort((short) (order == ByteOrder.LITTLE_ENDIAN ? 0x4949 : 0x4d4d));
        tiff.putShort((short) 42).putInt(8).putShort((short) 1);
        tiff.putShort((short) 0x0112).putShort((short) type).putInt(count);
        boolean longer = type == 4 || type == 9;
        return (longer ? tiff.putInt(value) : tiff.putShort((short) value)).array();
    }

    private static boolean isTurned(byte[] file) throws IOException {
        RgbImage image = ImageLoader.standard().load(new ByteArrayInputStream(file), "picture");
        assertThat(image.width() * image.height()).isEqualTo(2);
        return image.height() == 2;
    }

    @ParameterizedTest
    @CsvSource({
        "3, 1, 6, true",
        "4, 1, 6, true",
        "8, 1, 8, true",
        "9, 1, 5, true",
        "3, 1, 3, false",
        "4, 1, 65542, false",
        "4, 1, 0, false",
        "3, 1, 9, false",
        "3, 2, 6, false",
        "2, 1, 6, false",
        "7, 1, 6, false"
    })
    void exif(int type, int count, int value, boolean turned) throws IOException {
        for (ByteOrder order : new ByteOrder[] {ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN}) {
            byte[] tiff = tiff(order, type, count, value);
            assertThat(isTurned(png("eXIf", tiff))).isEqualTo(turned);
            ByteArrayOutputStream segment = new ByteArrayOutputStream();
            segment.writeBytes("Exif\0\0".getBytes(StandardCharsets.US_ASCII));
            segment.writeBytes(tiff);
            assertThat(isTurned(jpeg(segment.toByteArray()))).isEqualTo(turned);
        }
    }

    private static byte[] text(String xmp, boolean compressed) {
        byte[] content = xmp.getBytes(StandardCharsets.UTF_8);
        if (compressed) {
            Deflater deflater = new Deflater();
            deflater.setInput(content);
            deflater.finish();
            byte[] packed = new byte[1000];
            content = Arrays.copyOf(packed, deflater.deflate(packed));
            deflater.end();
        }
        String start = "XML:com.adobe.xmp\0" + (compressed ? "\1" : "\0") + "\0\0\0";
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(start.getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(content);
        return out.toByteArray();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "<a tiff:Orientation=\"6\"/> | true",
                "<tiff:Orientation>8</tiff:Orientation> | true",
                "<a tiff:Orientation=\"1\"/> | false",
                "<a tiff:Orientation='6'/> | false",
                "<a tiff:Orientation=\"x\"/><tiff:Orientation>6 | true",
                "tiff:Orientation | false",
                "tiff:Orientation=\" | false",
                "tiff:Orientation> | false",
                "<a tiff:Orientation=\"9\"/> | false"
            })
    void xmp(String xmp, boolean turned) throws IOException {
        assertThat(isTurned(png("iTXt", text(xmp, false)))).isEqualTo(turned);
        assertThat(isTurned(png("iTXt", text(xmp, true)))).isEqualTo(turned);
        String segment = "http://ns.adobe.com/xap/1.0/\0" + xmp;
        assertThat(isTurned(jpeg(segment.getBytes(StandardCharsets.UTF_8)))).isEqualTo(turned);
    }

    @Test
    void exifCountsBeforeXmp() throws IOException {
        byte[] both = png("iTXt", text("<a tiff:Orientation=\"6\"/>", false));
        byte[] exif = png("eXIf", tiff(ByteOrder.BIG_ENDIAN, 3, 1, 1));
        int chunk = exif.length - plain("png").length;
        byte[] merged =
                ByteBuffer.allocate(both.length + chunk)
                        .put(both, 0, HEADER)
                        .put(exif, HEADER, chunk)
                        .put(both, HEADER, both.length - HEADER)
                        .array();
        assertThat(isTurned(both)).isTrue();
        assertThat(isTurned(merged)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "XML:com.adobe.xmp", "XML:com.adobe.xmp\0\1\0\0\0no zlib", "x\0"})
    void textsThatAreNoXmpDoNoHarm(String text) throws IOException {
        assertThat(isTurned(png("iTXt", text.getBytes(StandardCharsets.US_ASCII)))).isFalse();
    }
}
