package io.djlnpu.decoder;

/** Where the host reads 4-bit weights from. Answers are the same, bit for bit. */
public enum WeightLayout {
    /**
     * The map first, so that a model runs as soon as it is open; packed in the background and then
     * used if that is measured to be faster.
     */
    AUTO,
    /** The bundle's memory map: no memory of the model's own. */
    MAPPED,
    /** Packed before the model runs. */
    PACKED
}
