package io.djlnpu.vision;

import io.djlnpu.vision.ImageFormatException.Code;
import java.nio.charset.StandardCharsets;

/**
 * JPEG: segments of marker and length up to the first scan; the frame's sizes, and how its
 * components are colours, by the rules of libjpeg.
 */
record JpegHeader(ImageHeader image, Colours colours) {

    static final byte[] SIGNATURE = {(byte) 0xff, (byte) 0xd8, (byte) 0xff};

    private static final byte[] EXIF = "Exif\0\0".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] XMP =
            "http://ns.adobe.com/xap/1.0/\0".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] JFIF = "JFIF\0".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] ADOBE = "Adobe".getBytes(StandardCharsets.US_ASCII);

    /** What the components are. */
    enum Colours {
        GREY,
        YCC,
        RGB,
        YCCK,
        CMYK
    }

    static JpegHeader read(Bytes jpeg) throws ImageFormatException {
        boolean jfif = false;
        int transform = -1;
        int orientation = 0;
        int xmp = 0;
        int at = 2;
        while (true) {
            if (jpeg.unsignedByte(at) != 0xff) {
                throw jpeg.malformed("no marker at offset %d".formatted(at));
            }
            int marker = jpeg.unsignedByte(at + 1);
            if (marker == 0xff) { // padding
                at++;
                continue;
            }
            if (marker == 0x01 || marker >= 0xd0 && marker <= 0xd7) { // stand alone
                at += 2;
                continue;
            }
            int data = at + 4;
            int length = jpeg.unsignedShort(at + 2) - 2;
            if (length < 0 || marker == 0xd9 || marker == 0xda) {
                throw jpeg.malformed(
                        "marker %02x at offset %d before any frame".formatted(marker, at));
            }
            if (isFrame(marker)) {
                return frame(jpeg, data, jfif, transform, ExifOrientation.either(orientation, xmp));
            }
            if (marker == 0xe0) {
                jfif |= jpeg.startsWith(data, JFIF);
            } else if (marker == 0xe1 && orientation == 0 && jpeg.startsWith(data, EXIF)) {
                orientation = ExifOrientation.of(jpeg, data + EXIF.length, length - EXIF.length);
            } else if (marker == 0xe1 && jpeg.startsWith(data, XMP)) {
                xmp = XmpOrientation.of(jpeg.file(), data, length);
            } else if (marker == 0xee && length >= 12 && jpeg.startsWith(data, ADOBE)) {
                transform = jpeg.unsignedByte(data + 11);
            }
            at = data + length;
        }
    }

    /** SOF0 to SOF15, without what shares their range: DHT, JPG and DAC. */
    private static boolean isFrame(int marker) {
        return marker >= 0xc0
                && marker <= 0xcf
                && marker != 0xc4
                && marker != 0xc8
                && marker != 0xcc;
    }

    private static JpegHeader frame(
            Bytes jpeg, int data, boolean jfif, int transform, int orientation)
            throws ImageFormatException {
        int precision = jpeg.unsignedByte(data);
        int components = jpeg.unsignedByte(data + 5);
        if (precision != 8 || components != 1 && components != 3 && components != 4) {
            throw new ImageFormatException(
                    Code.UNSUPPORTED,
                    "%s: JPEG of %d components of %d bits, expected 1, 3 or 4 of 8; convert it"
                            .formatted(jpeg.name(), components, precision));
        }
        int ids = jpeg.unsignedByte(data + 6);
        for (int i = 1; i < components; i++) {
            ids = ids << 8 | jpeg.unsignedByte(data + 6 + 3 * i);
        }
        int height = jpeg.unsignedShort(data + 1);
        int width = jpeg.unsignedShort(data + 3);
        // coefficients of a progressive file are kept, two bytes each
        return new JpegHeader(
                new ImageHeader("jpeg", width, height, 3 * components, orientation),
                colours(components, ids, jfif, transform));
    }

    private static Colours colours(int components, int ids, boolean jfif, int transform) {
        return switch (components) {
            case 1 -> Colours.GREY;
            case 4 -> transform == 2 ? Colours.YCCK : Colours.CMYK;
            default -> {
                boolean rgb = transform >= 0 ? transform == 0 : ids == ('R' << 16 | 'G' << 8 | 'B');
                yield rgb && !jfif ? Colours.RGB : Colours.YCC;
            }
        };
    }
}
