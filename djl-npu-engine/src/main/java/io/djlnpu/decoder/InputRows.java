package io.djlnpu.decoder;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.djlnpu.numeric.Bfloat16;
import java.lang.foreign.MemorySegment;

/**
 * What enters the first layer: a token's embedding, scaled already, or a row of an image's features
 * in its place, unscaled.
 *
 * <p><b>Shape</b>: {@code target [tokens, width]} of floats.
 */
record InputRows(TokenTable table, int width, boolean narrow, MemorySegment target) {

    void embed(int id, int token) {
        table.read(id, target, (long) token * width);
    }

    void show(ImageSpan image, int row, int token) {
        for (int i = 0; i < width; i++) {
            float value = image.features()[row * width + i];
            target.setAtIndex(
                    JAVA_FLOAT, (long) token * width + i, narrow ? Bfloat16.round(value) : value);
        }
    }
}
