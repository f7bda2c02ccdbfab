package io.djlnpu.vision;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;

/**
 * Pixels of any {@code BufferedImage} as PIL's {@code convert("RGB")} gives them.
 *
 * <p>{@code BufferedImage.getRGB} would do for colour, but brightens grey: it takes grey values for
 * linear light.
 */
final class RgbConversion {

    /** What 16 bits of one pixel become. */
    private static final int UPPER_BYTE = 8;

    private RgbConversion() {}

    static byte[] convert(BufferedImage image) {
        ColorModel model = image.getColorModel();
        int width = image.getWidth();
        byte[] rgb = new byte[Math.multiplyExact(3, Math.multiplyExact(width, image.getHeight()))];
        for (int y = 0; y < image.getHeight(); y++) {
            int offset = 3 * y * width;
            if (model instanceof IndexColorModel palette) {
                palette(image.getRaster(), palette, y, rgb, offset);
            } else if (isPlain(model)) {
                samples(image.getRaster(), model, y, rgb, offset);
            } else {
                packed(image.getRGB(0, y, width, 1, null, 0, width), rgb, offset);
            }
        }
        return rgb;
    }

    /** Whether the samples are the colours themselves. */
    private static boolean isPlain(ColorModel model) {
        int bits = model.getComponentSize(0);
        for (int size : model.getComponentSize()) {
            if (size != bits) {
                return false;
            }
        }
        ColorSpace space = model.getColorSpace();
        boolean known = space.getType() == ColorSpace.TYPE_GRAY || space.isCS_sRGB();
        return known
                && !model.isAlphaPremultiplied()
                && (bits == 8 || bits == 16)
                && (model.getTransferType() == DataBuffer.TYPE_BYTE
                        || model.getTransferType() == DataBuffer.TYPE_USHORT
                        || model.getTransferType() == DataBuffer.TYPE_INT);
    }

    private static void palette(
            Raster raster, IndexColorModel palette, int y, byte[] rgb, int offset) {
        int[] row =
                raster.getSamples(
                        raster.getMinX(),
                        raster.getMinY() + y,
                        raster.getWidth(),
                        1,
                        0,
                        (int[]) null);
        for (int x = 0; x < row.length; x++) {
            // a pixel may name a colour that the palette does not have
            int colour = row[x] < palette.getMapSize() ? palette.getRGB(row[x]) : 0;
            put(rgb, offset + 3 * x, colour >> 16, colour >> 8, colour);
        }
    }

    private static void samples(Raster raster, ColorModel model, int y, byte[] rgb, int offset) {
        int bands = raster.getNumBands();
        int[] row =
                raster.getPixels(
                        raster.getMinX(), raster.getMinY() + y, raster.getWidth(), 1, (int[]) null);
        int shift = model.getComponentSize(0) == 16 ? UPPER_BYTE : 0;
        if (shift != 0 && bands == 1) {
            for (int x = 0; x < row.length; x++) {
                row[x] = Math.min(row[x], 255) << shift;
            }
        }
        int green = bands < 3 ? 0 : 1;
        for (int x = 0; x < raster.getWidth(); x++) {
            int at = bands * x;
            put(
                    rgb,
                    offset + 3 * x,
                    row[at] >> shift,
                    row[at + green] >> shift,
                    row[at + 2 * green] >> shift);
        }
    }

    private static void packed(int[] row, byte[] rgb, int offset) {
        for (int x = 0; x < row.length; x++) {
            put(rgb, offset + 3 * x, row[x] >> 16, row[x] >> 8, row[x]);
        }
    }

    private static void put(byte[] rgb, int at, int red, int green, int blue) {
        rgb[at] = (byte) red;
        rgb[at + 1] = (byte) green;
        rgb[at + 2] = (byte) blue;
    }
}
