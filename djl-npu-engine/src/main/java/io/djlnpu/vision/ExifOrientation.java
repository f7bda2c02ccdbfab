package io.djlnpu.vision;

/**
 * The orientation that a camera noted: tag 0x0112 in the first directory of EXIF's TIFF structure,
 * 1 to 8, as a whole number of 16 or 32 bits. What is malformed or out of range is taken for
 * upright, as other readers do.
 */
final class ExifOrientation {

    private static final int TAG = 0x0112;

    /** SHORT, LONG, SSHORT, SLONG. */
    private static final int[] SHORTS = {3, 8};

    private static final int[] LONGS = {4, 9};

    private ExifOrientation() {}

    /**
     * Reads the orientation of {@code length} bytes of TIFF structure at {@code start}; 0 if none
     * is noted.
     */
    static int of(Bytes file, int start, int length) {
        try {
            return read(file, start, length);
        } catch (ImageFormatException e) {
            return 0;
        }
    }

    private static int read(Bytes file, int start, int length) throws ImageFormatException {
        boolean little = file.unsignedShort(start) == 0x4949;
        if (!little && file.unsignedShort(start) != 0x4d4d) {
            return 0;
        }
        long directory = longer(file, start + 4, little);
        if (directory + 2 > length) {
            return 0;
        }
        int at = start + (int) directory;
        int entries = number(file, at, little);
        for (int i = 0; i < entries && at + 14 + 12L * i <= start + (long) length; i++) {
            int entry = at + 2 + 12 * i;
            if (number(file, entry, little) == TAG) {
                return value(file, entry, little);
            }
        }
        return 0;
    }

    /** The value of an entry; upright for one that is no single number from 1 to 8. */
    private static int value(Bytes file, int entry, boolean little) throws ImageFormatException {
        int type = number(file, entry + 2, little);
        boolean shorter = type == SHORTS[0] || type == SHORTS[1];
        boolean longer = type == LONGS[0] || type == LONGS[1];
        if (!shorter && !longer || longer(file, entry + 4, little) != 1) {
            return 1;
        }
        long value = shorter ? number(file, entry + 8, little) : longer(file, entry + 8, little);
        return value >= 1 && value <= 8 ? (int) value : 1;
    }

    private static long longer(Bytes file, int at, boolean little) throws ImageFormatException {
        return little ? file.unsignedIntLittle(at) : file.unsignedInt(at);
    }

    /** What EXIF notes or, if it notes nothing, XMP; 1 to 8. */
    static int either(int exif, int xmp) {
        int noted = exif == 0 ? xmp : exif;
        return noted >= 1 && noted <= 8 ? noted : 1;
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
