package io.djlnpu.ndarray;

/**
 * What a lazy array's contents come from, if it wants to know when the array no longer needs it.
 */
public interface ArraySource {

    /**
     * Called once when the array is closed; not when it was changed before, for then it stands for
     * its source no more.
     */
    void release();
}
