package io.djlnpu.it.ndarray;

import ai.djl.ndarray.NDManager;

/** One thing to do with arrays, on any engine. */
record ArrayCase(String name, Action action) {

    /** What is done; gives an array, a list of arrays, or a plain Java value. */
    interface Action {
        Object run(NDManager manager, Recorder recorder);
    }
}
