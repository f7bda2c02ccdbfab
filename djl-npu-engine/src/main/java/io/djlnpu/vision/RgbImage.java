package io.djlnpu.vision;

import java.awt.image.BufferedImage;

/**
 * A picture in memory: 8 bits of red, green and blue for each pixel, rows from the top.
 *
 * @param width pixels of a row, at least 1
 * @param height rows, at least 1
 * @param rgb {@code [height, width, 3]}; not copied
 */
public record RgbImage(int width, int height, byte[] rgb) {

    /**
     * Checks the sizes.
     *
     * @throws IllegalArgumentException if a side is not positive or the bytes are not as many
     */
    public RgbImage {
        if (width < 1 || height < 1) {
            throw new IllegalArgumentException(
                    "a picture of %d x %d pixels, expected at least 1 x 1"
                            .formatted(width, height));
        }
        if (rgb.length != 3L * width * height) {
            throw new IllegalArgumentException(
                    "%d bytes for %d x %d pixels of 3 bytes".formatted(rgb.length, width, height));
        }
    }

    /**
     * Takes the colours of a picture. Grey is repeated, a palette looked up, alpha dropped without
     * blending, 16-bit colour cut to its upper 8 bits; 16-bit grey without alpha is clipped at 255.
     * All as PIL's {@code convert("RGB")}.
     *
     * @param image any picture; colour spaces other than sRGB and grey are converted by AWT
     * @return its colours
     */
    public static RgbImage of(BufferedImage image) {
        return new RgbImage(image.getWidth(), image.getHeight(), RgbConversion.convert(image));
    }

    /** Cuts a rectangle out, which may end at the picture's edges before its size is reached. */
    RgbImage crop(int left, int top, int cropWidth, int cropHeight) {
        int columns = Math.min(cropWidth, width - left);
        int rows = Math.min(cropHeight, height - top);
        byte[] cut = new byte[3 * columns * rows];
        for (int y = 0; y < rows; y++) {
            System.arraycopy(
                    rgb, 3 * ((top + y) * width + left), cut, 3 * y * columns, 3 * columns);
        }
        return new RgbImage(columns, rows, cut);
    }
}
