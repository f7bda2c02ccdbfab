package io.djlnpu.vision;

import java.util.ArrayList;
import java.util.List;

/**
 * Makes the vision tower's input of a picture, as {@code Gemma3ImageProcessor} does. Safe for many
 * threads.
 *
 * <p><b>Numerics</b>: resized in 8 bits ({@link BilinearResize}), then {@code (float32(value *
 * factor) - mean) / deviation} in float32.
 *
 * @param settings how the model wants its pictures
 */
public record ImagePreprocessor(ImageSettings settings) {

    /**
     * Makes the input of one picture as a whole.
     *
     * @param image any size
     * @return {@code [3, size, size]}: red, then green, then blue, rows from the top
     */
    public float[] pixels(RgbImage image) {
        int size = settings.size();
        byte[] rgb = BilinearResize.resize(image, size, size).rgb();
        float[] pixels = new float[rgb.length];
        for (int colour = 0; colour < 3; colour++) {
            float[] values = values(colour);
            int plane = colour * size * size;
            for (int i = 0; i < size * size; i++) {
                pixels[plane + i] = values[rgb[3 * i + colour] & 0xff];
            }
        }
        return pixels;
    }

    private float[] values(int colour) {
        float[] values = new float[256];
        for (int i = 0; i < values.length; i++) {
            float rescaled = (float) (i * settings.rescaleFactor());
            values[i] = (rescaled - settings.mean().get(colour)) / settings.deviation().get(colour);
        }
        return values;
    }

    /**
     * Makes the inputs of one picture and, where pan and scan asks for it, of its crops.
     *
     * @param image any size
     * @return the whole picture first, each as {@link #pixels}
     */
    public List<float[]> views(RgbImage image) {
        List<float[]> views = new ArrayList<>();
        views.add(pixels(image));
        settings.panAndScan().crops(image).forEach(crop -> views.add(pixels(crop)));
        return views;
    }
}
