package io.djlnpu.vision;

import io.djlnpu.vision.ImageFormatException.Code;

/**
 * WebP: a RIFF file of chunks; the first one says which variant it is and how large the picture.
 */
final class WebpHeader {

    private static final int FIRST = 12;
    private static final int PROFILE_FLAG = 0x20;

    private WebpHeader() {}

    static ImageHeader read(Bytes webp) throws ImageFormatException {
        long end = 8 + webp.unsignedIntLittle(4);
        if (end > webp.length()) {
            throw new ImageFormatException(
                    Code.TRUNCATED,
                    "%s: %d bytes, expected %d; copy it again"
                            .formatted(webp.name(), webp.length(), end));
        }
        String variant = webp.tag(FIRST);
        return variant.equals("VP8X") ? extended(webp, end) : frame(webp, FIRST);
    }

    /** One picture, lossy or lossless. */
    private static ImageHeader frame(Bytes webp, int at) throws ImageFormatException {
        int data = at + 8;
        if (webp.tag(at).equals("VP8L")) {
            long bits = webp.unsignedIntLittle(data + 1);
            return header((int) (bits & 0x3fff) + 1, (int) (bits >> 14 & 0x3fff) + 1, 1);
        }
        if (webp.tag(at).equals("VP8 ")) {
            return header(
                    webp.unsignedShortLittle(data + 6) & 0x3fff,
                    webp.unsignedShortLittle(data + 8) & 0x3fff,
                    1);
        }
        throw webp.malformed("a chunk '%s' instead of a picture".formatted(webp.tag(at)));
    }

    /** A picture with more chunks around it, such as EXIF. */
    private static ImageHeader extended(Bytes webp, long end) throws ImageFormatException {
        int data = FIRST + 8;
        if ((webp.unsignedByte(data) & 0x02) != 0) {
            throw new ImageFormatException(
                    Code.UNSUPPORTED,
                    webp.name() + ": an animation, expected one picture; save one frame of it");
        }
        int width = (int) (webp.unsignedIntLittle(data + 3) >> 8) + 1;
        int height = (int) (webp.unsignedIntLittle(data + 6) >> 8) + 1;
        int orientation = 0;
        int xmp = 0;
        for (long at = FIRST; at + 8 <= end; ) {
            String tag = webp.tag((int) at);
            long length = webp.unsignedIntLittle((int) at + 4);
            if (at + 8 + length > end) {
                throw webp.malformed(
                        "chunk '%s' of %d bytes at offset %d".formatted(tag, length, at));
            }
            if (tag.equals("EXIF")) {
                orientation = ExifOrientation.of(webp, (int) at + 8, (int) length);
            } else if (tag.equals("XMP ")) {
                xmp = XmpOrientation.of(webp.file(), (int) at + 8, (int) length);
            } else if (tag.startsWith("VP8") && at > FIRST) {
                ImageHeader frame = frame(webp, (int) at);
                if (frame.width() != width || frame.height() != height) {
                    throw webp.malformed(
                            "a picture of %d x %d pixels on a canvas of %d x %d"
                                    .formatted(frame.width(), frame.height(), width, height));
                }
            }
            at += 8 + length + (length & 1);
        }
        return header(width, height, ExifOrientation.either(orientation, xmp));
    }

    /**
     * The file, whose header was found to be sound, without its colour profile: PIL leaves colours
     * as they are, the reader would apply it. The chunk stays, under a name that nobody reads.
     */
    static byte[] withoutProfile(byte[] file) throws ImageFormatException {
        Bytes webp = new Bytes(file, "");
        if (!webp.tag(FIRST).equals("VP8X")) {
            return file;
        }
        byte[] plain = file.clone();
        plain[FIRST + 8] &= ~PROFILE_FLAG;
        for (long at = FIRST; at + 8 <= file.length; ) {
            if (webp.tag((int) at).equals("ICCP")) {
                plain[(int) at] = 'X';
            }
            long length = webp.unsignedIntLittle((int) at + 4);
            at += 8 + length + (length & 1);
        }
        return plain;
    }

    private static ImageHeader header(int width, int height, int orientation) {
        return new ImageHeader("webp", width, height, 8, orientation);
    }
}
