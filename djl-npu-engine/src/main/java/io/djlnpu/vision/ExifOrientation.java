package io.djlnpu.vision;

/**
 * The orientation that a camera noted: tag 0x0112 in the first directory of EXIF's TIFF structure,
 * 1 to 8. What is malformed or out of range is taken for upright, as other readers do.
 */
final class ExifOrientation {

    private static final int TAG = 0x0112;
    private static final int SHORT = 3;

    private ExifOrientation() {}

    /** Reads the orientation of {@code length} bytes of TIFF structure at {@code start}. */
    static int of(Bytes file, int start, int length) {
        try {
            return read(file, start, length);
        } catch (ImageFormatException e) {
            return 1;
        }
    }

    private static int read(Bytes file, int start, int length) throws ImageFormatException {
        boolean little = file.unsignedShort(start) == 0x4949;
        if (!little && file.unsignedShort(start) != 0x4d4d) {
            return 1;
        }
        long directory = little ? file.unsignedIntLittle(start + 4) : file.unsignedInt(start + 4);
        if (directory + 2 > length) {
            return 1;
        }
        int at = start + (int) directory;
        int entries = number(file, at, little);
        for (int i = 0; i < entries && at + 14 + 12L * i <= start + (long) length; i++) {
            int entry = at + 2 + 12 * i;
            if (number(file, entry, little) == TAG && number(file, entry + 2, little) == SHORT) {
                int orientation = number(file, entry + 8, little);
                return orientation >= 1 && orientation <= 8 ? orientation : 1;
            }
        }
        return 1;
    }

    private static int number(Bytes file, int at, boolean little) throws ImageFormatException {
        return little ? file.unsignedShortLittle(at) : file.unsignedShort(at);
    }

    /** Turns and mirrors a picture upright. */
    static RgbImage upright(RgbImage image, int orientation) {
        if (orientation == 1) {
            return image;
        }
        boolean turned = orientation >= 5;
        int width = turned ? image.height() : image.width();
        int height = turned ? image.width() : image.height();
        byte[] from = image.rgb();
        byte[] to = new byte[from.length];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int along = turned ? y : x;
                int down = turned ? x : y;
                // 2, 3, 7, 8 run backwards through the stored rows' columns; 3, 4, 6, 7 through the
                // rows
                int column =
                        orientation == 2 || orientation == 3 || orientation >= 7
                                ? image.width() - 1 - along
                                : along;
                boolean fromBelow =
                        orientation == 3
                                || orientation == 4
                                || orientation == 6
                                || orientation == 7;
                int row = fromBelow ? image.height() - 1 - down : down;
                System.arraycopy(
                        from, 3 * (row * image.width() + column), to, 3 * (y * width + x), 3);
            }
        }
        return new RgbImage(width, height, to);
    }
}
