package io.djlnpu.vision;

import io.djlnpu.vision.JpegHeader.Colours;
import java.awt.image.Raster;

/**
 * Components of a JPEG to RGB in libjpeg's fixed-point arithmetic; CMYK as PIL, which takes it for
 * inverted as Adobe writes it. AWT knows nothing of CMYK, and guesses otherwise where no marker
 * says what the components are.
 */
final class JpegColours {

    private static final int BITS = 16;
    private static final int HALF = 1 << (BITS - 1);

    private JpegColours() {}

    static byte[] convert(Raster raster, Colours colours) {
        int width = raster.getWidth();
        int bands = raster.getNumBands();
        byte[] rgb = new byte[3 * width * raster.getHeight()];
        int[] row = null;
        for (int y = 0; y < raster.getHeight(); y++) {
            row = raster.getPixels(raster.getMinX(), raster.getMinY() + y, width, 1, row);
            for (int x = 0; x < width; x++) {
                put(row, bands * x, colours, rgb, 3 * (y * width + x));
            }
        }
        return rgb;
    }

    private static void put(int[] row, int at, Colours colours, byte[] rgb, int to) {
        switch (colours) {
            case GREY -> set(rgb, to, row[at], row[at], row[at]);
            case RGB -> set(rgb, to, row[at], row[at + 1], row[at + 2]);
            case CMYK -> ink(row[at], row[at + 1], row[at + 2], row[at + 3], rgb, to);
            case YCC -> set(rgb, to, red(row, at), green(row, at), blue(row, at));
            case YCCK ->
                    ink(
                            255 - red(row, at),
                            255 - green(row, at),
                            255 - blue(row, at),
                            row[at + 3],
                            rgb,
                            to);
        }
    }

    private static int red(int[] row, int at) {
        return clip(row[at] + (fixed(1.40200) * (row[at + 2] - 128) + HALF >> BITS));
    }

    private static int green(int[] row, int at) {
        int sum =
                -fixed(0.34414) * (row[at + 1] - 128) - fixed(0.71414) * (row[at + 2] - 128) + HALF;
        return clip(row[at] + (sum >> BITS));
    }

    private static int blue(int[] row, int at) {
        return clip(row[at] + (fixed(1.77200) * (row[at + 1] - 128) + HALF >> BITS));
    }

    private static int fixed(double factor) {
        return (int) (factor * (1 << BITS) + 0.5);
    }

    /** Values are inverted: 255 is no ink. */
    private static void ink(int cyan, int magenta, int yellow, int black, byte[] rgb, int to) {
        set(rgb, to, light(cyan, black), light(magenta, black), light(yellow, black));
    }

    private static int light(int colour, int black) {
        int product = (255 - colour) * black + 128;
        return clip(black - ((product >> 8) + product >> 8));
    }

    private static int clip(int value) {
        return Math.clamp(value, 0, 255);
    }

    private static void set(byte[] rgb, int to, int red, int green, int blue) {
        rgb[to] = (byte) red;
        rgb[to + 1] = (byte) green;
        rgb[to + 2] = (byte) blue;
    }
}
