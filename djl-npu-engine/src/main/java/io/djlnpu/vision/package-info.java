/**
 * From a picture to the pixels that a vision tower takes, number for number as Hugging Face's
 * {@code Gemma3ImageProcessor} with PIL makes them.
 *
 * <p>{@link io.djlnpu.vision.ImageLoader} turns a file, stream, URL or {@code BufferedImage} into
 * an {@link io.djlnpu.vision.RgbImage}; {@link io.djlnpu.vision.ImagePreprocessor} resizes and
 * normalises it, and cuts long pictures into crops where {@link io.djlnpu.vision.ImageSettings} ask
 * for it. Files are untrusted: sizes are read from the header and bounded before anything is
 * decoded.
 */
package io.djlnpu.vision;
