package io.djlnpu.vision;

import io.djlnpu.vision.ImageFormatException.Code;
import java.nio.charset.StandardCharsets;

/**
 * What a picture's file says about itself, read before anything is decoded.
 *
 * @param format name of the format, as ImageIO calls it
 * @param width pixels of a row
 * @param height rows
 * @param bytesPerPixel memory of one pixel as it is decoded
 * @param orientation of EXIF, 1 to 8; 1 is upright
 */
record ImageHeader(String format, int width, int height, int bytesPerPixel, int orientation) {

    /** The longest side that JPEG can state; no tower sees anything of a longer one. */
    private static final int MAX_SIDE = 65_535;

    /**
     * Reads the header of a picture of any format that is read.
     *
     * @param file the whole file
     * @param name what to call it in messages
     */
    static ImageHeader read(byte[] file, String name) throws ImageFormatException {
        if (file.length == 0) {
            throw new ImageFormatException(Code.TRUNCATED, name + ": empty, expected a picture");
        }
        Bytes bytes = new Bytes(file, name);
        if (bytes.startsWith(0, PngHeader.SIGNATURE)) {
            return PngHeader.read(bytes).checked(name);
        }
        if (bytes.startsWith(0, JpegHeader.SIGNATURE)) {
            return JpegHeader.read(bytes).image().checked(name);
        }
        if (bytes.startsWith(0, "RIFF".getBytes(StandardCharsets.US_ASCII))
                && bytes.startsWith(8, "WEBP".getBytes(StandardCharsets.US_ASCII))) {
            return WebpHeader.read(bytes).checked(name);
        }
        throw new ImageFormatException(
                Code.UNSUPPORTED, name + ": neither PNG, JPEG nor WebP; convert it to one of them");
    }

    private ImageHeader checked(String name) throws ImageFormatException {
        if (width < 1 || height < 1) {
            throw new ImageFormatException(
                    Code.MALFORMED,
                    "%s: %d x %d pixels, expected at least 1 x 1".formatted(name, width, height));
        }
        if (width > MAX_SIDE || height > MAX_SIDE) {
            throw new ImageFormatException(
                    Code.LIMIT_EXCEEDED,
                    "%s: %d x %d pixels, expected sides of at most %d; scale it down"
                            .formatted(name, width, height, MAX_SIDE));
        }
        return this;
    }

    /** Bytes that decoding takes at most: the decoded pixels, their colours, and a turned copy. */
    long decodedBytes() {
        int copies = orientation == 1 ? 3 : 6;
        return (long) width * height * (bytesPerPixel + copies);
    }
}
