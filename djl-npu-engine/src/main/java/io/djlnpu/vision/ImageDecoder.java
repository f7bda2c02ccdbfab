package io.djlnpu.vision;

import io.djlnpu.vision.ImageFormatException.Code;
import java.awt.image.BufferedImage;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Decodes a file in memory with ImageIO, after its own header was found to be within the limits.
 */
final class ImageDecoder {

    private final byte[] file;
    private final String name;

    ImageDecoder(byte[] file, String name) {
        this.file = file;
        this.name = name;
    }

    /** Decodes, and does what needs the picture, while the process has the memory for it. */
    <T> T decode(ImageLimits limits, ImageLoader.Use<T> use) throws IOException {
        ImageHeader header = ImageHeader.read(file, name);
        if (header.decodedBytes() > limits.decodedBytes()) {
            throw new ImageFormatException(
                    Code.LIMIT_EXCEEDED,
                    "%s: %d x %d pixels take %d MB to decode, the limit is %d MB; scale it down or give the JVM more"
                            .formatted(
                                    name,
                                    header.width(),
                                    header.height(),
                                    header.decodedBytes() >> 20,
                                    limits.decodedBytes() >> 20));
        }
        return DecodeBudget.process()
                .holding(header.decodedBytes(), () -> use.apply(upright(header)));
    }

    private RgbImage upright(ImageHeader header) throws ImageFormatException {
        RgbImage image = decode(header);
        if (image.width() != header.width() || image.height() != header.height()) {
            throw new ImageFormatException(
                    Code.MALFORMED,
                    "%s: %d x %d pixels, its header says %d x %d"
                            .formatted(
                                    name,
                                    image.width(),
                                    image.height(),
                                    header.width(),
                                    header.height()));
        }
        return ExifOrientation.upright(image, header.orientation());
    }

    private RgbImage decode(ImageHeader header) throws ImageFormatException {
        ImageReader reader = reader(header.format());
        List<String> warnings = new ArrayList<>();
        reader.addIIOReadWarningListener((source, warning) -> warnings.add(warning));
        RgbImage image;
        try (ImageInputStream in =
                new MemoryCacheImageInputStream(
                        new ByteArrayInputStream(
                                header.format().equals("webp")
                                        ? WebpHeader.withoutProfile(file)
                                        : file))) {
            reader.setInput(in, true, true);
            image = read(reader, header);
        } catch (ImageFormatException e) {
            throw e;
        } catch (IOException | RuntimeException e) { // hostile files make readers fail in any way
            throw new ImageFormatException(
                    Code.MALFORMED,
                    "%s: cannot be decoded as %s (%s); the file is damaged"
                            .formatted(name, header.format(), e),
                    e);
        } finally {
            reader.dispose();
        }
        // libjpeg paints grey what is missing, and warns
        for (String warning : warnings) {
            if (warning.contains("Truncated") || warning.contains("remature end")) {
                throw new ImageFormatException(
                        Code.TRUNCATED,
                        "%s: ends too early (%s); copy it again".formatted(name, warning));
            }
        }
        return image;
    }

    private RgbImage read(ImageReader reader, ImageHeader header) throws IOException {
        if (header.format().equals("jpeg")) {
            Raster raster = reader.readRaster(0, null);
            byte[] rgb =
                    JpegColours.convert(raster, JpegHeader.read(new Bytes(file, name)).colours());
            return new RgbImage(raster.getWidth(), raster.getHeight(), rgb);
        }
        BufferedImage image = reader.read(0);
        return RgbImage.of(image);
    }

    /** The JDK's own where there is one, so that a reader on the class path changes no answer. */
    private ImageReader reader(String format) throws ImageFormatException {
        ImageReader found = null;
        Iterator<ImageReader> readers = ImageIO.getImageReadersByFormatName(format);
        while (readers.hasNext()) {
            ImageReader reader = readers.next();
            if (reader.getClass().getName().startsWith("com.sun.imageio.")) {
                return reader;
            }
            found = found == null ? reader : found;
        }
        if (found == null) {
            throw new ImageFormatException(
                    Code.UNSUPPORTED,
                    "%s: no reader for %s is installed; put one for ImageIO on the class path, or convert it to PNG"
                            .formatted(name, format));
        }
        return found;
    }
}
