package io.djlnpu.onnx;

import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;

/**
 * What parsing one file may cost. Real files of Gemma 3 stay below 300,000 items (the 27B traced
 * with everything decomposed); a hostile one is stopped before it fills the heap.
 */
final class Budget {

    private static final long MOST_ITEMS = 1_000_000;
    private static final int TEXT_BYTES_PER_ITEM = 64;

    private final String file;
    private long items;

    Budget(String file) {
        this.file = file;
    }

    void spend(long count) throws ModelFormatException {
        items += count;
        if (items > MOST_ITEMS) {
            throw new ModelFormatException(
                    Code.LIMIT_EXCEEDED,
                    file
                            + ": more than "
                            + MOST_ITEMS
                            + " nodes, names, attributes and constants; no Gemma 3 is that large");
        }
    }

    String text(WireReader reader) throws ModelFormatException {
        String text = reader.readText();
        spend(1 + text.length() / TEXT_BYTES_PER_ITEM);
        return text;
    }
}
