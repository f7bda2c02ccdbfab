package io.djlnpu.engine;

import io.djlnpu.decoder.KeyValueBlock;
import java.util.List;

/**
 * Keys and values of one row that a caller computed, moved or selected itself, as beam search does.
 *
 * @param blocks one block for each layer, all with the mask's slots
 * @param unmasked which slots hold a token
 */
record ImportedRow(List<KeyValueBlock> blocks, boolean[] unmasked) {

    int tokens() {
        int count = 0;
        for (boolean token : unmasked) {
            count += token ? 1 : 0;
        }
        return count;
    }
}
