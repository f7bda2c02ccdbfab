package io.djlnpu.program;

import io.djlnpu.bundle.AttentionLayout;
import io.djlnpu.bundle.AttentionSpec;

/**
 * The kinds of layers of one model, which differ in rotary angles and in the keys that are seen.
 */
public enum LayerKind {
    /** Sees what is near. */
    LOCAL,
    /** Sees the whole sequence. */
    GLOBAL;

    /**
     * Names a layer's kind.
     *
     * @param local whether the layer is local
     * @return the kind
     */
    public static LayerKind of(boolean local) {
        return local ? LOCAL : GLOBAL;
    }

    /**
     * Finds what attention does in layers of this kind.
     *
     * @param layout both kinds of a model
     * @return this one's
     */
    public AttentionSpec of(AttentionLayout layout) {
        return this == LOCAL ? layout.local() : layout.global();
    }
}
