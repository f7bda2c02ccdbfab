package io.djlnpu.bundle;

import java.util.Collections;
import java.util.List;

/**
 * Both kinds of attention that a decoder's layers may have, and which layer has which.
 *
 * @param local of layers that see a window; the same as {@code global} where there are none
 * @param global of layers that see everything before them, or everything
 * @param localLayers for each layer whether it is local
 */
public record AttentionLayout(
        AttentionSpec local, AttentionSpec global, List<Boolean> localLayers) {

    /** Copies the list. */
    public AttentionLayout {
        localLayers = List.copyOf(localLayers);
    }

    /**
     * Returns a layout in which all layers are alike.
     *
     * @param every what attention does in each of them
     * @param layers how many
     * @return the layout, without local layers
     */
    public static AttentionLayout uniform(AttentionSpec every, int layers) {
        return new AttentionLayout(every, every, Collections.nCopies(layers, false));
    }

    /**
     * Returns what attention does in one layer.
     *
     * @param layer index from 0
     * @return its kind's specification
     */
    public AttentionSpec of(int layer) {
        return localLayers.get(layer) ? local : global;
    }

    AttentionLayout withFirstLayers(int count) {
        return new AttentionLayout(local, global, localLayers.subList(0, count));
    }
}
