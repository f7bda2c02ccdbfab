package io.djlnpu.vision;

import io.djlnpu.vision.ImageFormatException.Code;
import java.util.zip.CRC32;

/**
 * PNG: chunks of length, four letters, data, CRC; {@code IHDR} first, {@code IEND} last. All are
 * walked, so that a truncated or damaged file is known as such before it is decoded.
 */
final class PngHeader {

    static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};

    /** Samples of a pixel for each colour type: grey, -, RGB, palette, grey and alpha, -, RGBA. */
    private static final int[] SAMPLES = {1, 0, 3, 1, 2, 0, 4};

    private PngHeader() {}

    static ImageHeader read(Bytes png) throws ImageFormatException {
        int first = SIGNATURE.length;
        if (!png.tag(first + 4).equals("IHDR") || png.unsignedInt(first) != 13) {
            throw png.malformed("does not begin with a chunk IHDR of 13 bytes");
        }
        int colourType = png.unsignedByte(first + 17);
        int samples = colourType < SAMPLES.length ? SAMPLES[colourType] : 0;
        if (samples == 0) {
            throw png.malformed("colour type %d in IHDR".formatted(colourType));
        }
        return new ImageHeader(
                "png",
                side(png.unsignedInt(first + 8)),
                side(png.unsignedInt(first + 12)),
                samples * (png.unsignedByte(first + 16) == 16 ? 2 : 1),
                orientation(png));
    }

    /** What does not fit into an int is too long by far; what is too long is said by the caller. */
    private static int side(long pixels) {
        return (int) Math.min(Integer.MAX_VALUE, pixels);
    }

    private static int orientation(Bytes png) throws ImageFormatException {
        int orientation = 0;
        int xmp = 0;
        long at = SIGNATURE.length;
        while (true) {
            long length = png.unsignedInt((int) at);
            String tag = png.tag((int) at + 4);
            if (at + 12 + length > png.length()) {
                throw new ImageFormatException(
                        Code.TRUNCATED,
                        "%s: chunk %s of %d bytes at offset %d, the file ends at %d; copy it again"
                                .formatted(png.name(), tag, length, at, png.length()));
            }
            int data = (int) at + 8;
            checkSum(png, tag, data, (int) length);
            if (tag.equals("eXIf")) {
                orientation = ExifOrientation.of(png, data, (int) length);
            } else if (tag.equals("iTXt")) {
                int noted = XmpOrientation.ofText(png.file(), data, (int) length);
                xmp = noted == 0 ? xmp : noted;
            } else if (tag.equals("IEND")) {
                return ExifOrientation.either(orientation, xmp);
            }
            at += 12 + length;
        }
    }

    private static void checkSum(Bytes png, String tag, int data, int length)
            throws ImageFormatException {
        CRC32 sum = new CRC32();
        sum.update(png.file(), data - 4, length + 4);
        if (Character.isUpperCase(tag.charAt(0))
                && sum.getValue() != png.unsignedInt(data + length)) {
            throw png.malformed(
                    "checksum of chunk %s at offset %d does not match".formatted(tag, data - 8));
        }
    }
}
