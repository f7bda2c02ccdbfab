package io.djlnpu.gemma3;

import io.djlnpu.kernel.FusedDqp;

/**
 * One step of decoding for several sequences of a model at once. Each gets the bits that it would
 * get alone; together they read the weights once for every four.
 */
final class DecodeBatch {

    /** The most sequences of a step. */
    static final int CAPACITY = 8;

    private final Gemma3Session[] sessions = new Gemma3Session[CAPACITY];
    private final DecoderLayer[] layers = new DecoderLayer[CAPACITY];
    private final FusedDqp[] kernels = new FusedDqp[CAPACITY];
    private final int[] positions = new int[CAPACITY];
    private int size;

    int size() {
        return size;
    }

    Gemma3Session session(int index) {
        return sessions[index];
    }

    void add(Gemma3Session session) {
        sessions[size++] = session;
    }

    void clear() {
        for (int i = 0; i < size; i++) {
            sessions[i] = null;
            layers[i] = null;
            kernels[i] = null;
        }
        size = 0;
    }

    /** Decodes every session's pending token. */
    void run(int layerCount) {
        for (int i = 0; i < size; i++) {
            sessions[i].beginDecode();
            positions[i] = sessions[i].position();
        }
        for (int layer = 0; layer < layerCount; layer++) {
            for (int i = 0; i < size; i++) {
                layers[i] = sessions[i].layer(layer);
            }
            DecoderLayer.decode(layers, positions, size, kernels);
        }
        for (int i = 0; i < size; i++) {
            kernels[i] = sessions[i].prepareHead();
        }
        FusedDqp.run(kernels, size);
        for (int i = 0; i < size; i++) {
            sessions[i].endDecode();
        }
    }
}
