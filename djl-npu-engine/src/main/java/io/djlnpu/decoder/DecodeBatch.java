package io.djlnpu.decoder;

import io.djlnpu.kernel.FusedDqp;
import io.djlnpu.kernel.TileExecutor;

/**
 * One step of decoding for several sequences of a model at once. Each gets the bits that it would
 * get alone.
 *
 * <p>What multiplies weights is done for all sequences together, and they read the weights once.
 * What is between two products is a sequence's own: as many sequences as there are threads do it at
 * once, or one with all threads.
 */
final class DecodeBatch {

    /** The most sequences of a step. */
    static final int CAPACITY = 8;

    private final DecoderSession[] sessions = new DecoderSession[CAPACITY];
    private final FusedDqp[] products = new FusedDqp[CAPACITY];
    private final TileExecutor executor;
    private final TileExecutor.Task prepareProduct = (i, thread) -> prepareProduct(i);
    private final TileExecutor.Task prepareHead = (i, thread) -> leaveLayers(i);
    private final TileExecutor.Task endDecode = (i, thread) -> session(i).endDecode();
    private int size;
    private int layer;
    private int stage;

    DecodeBatch(TileExecutor executor) {
        this.executor = executor;
    }

    int size() {
        return size;
    }

    DecoderSession session(int index) {
        return sessions[index];
    }

    void add(DecoderSession session) {
        sessions[size++] = session;
    }

    void clear() {
        for (int i = 0; i < size; i++) {
            sessions[i] = null;
            products[i] = null;
        }
        size = 0;
    }

    /** Decodes every session's pending token. */
    void run(int layerCount) {
        int stages = layer(0, 0).products();
        for (layer = 0; layer < layerCount; layer++) {
            for (stage = 0; stage < stages; stage++) {
                executor.run(size, prepareProduct);
                for (int i = 0; i < size; i++) {
                    products[i] = layer(i, layer).product(stage);
                }
                FusedDqp.run(products, size);
            }
        }
        executor.run(size, prepareHead);
        for (int i = 0; i < size; i++) {
            products[i] = sessions[i].head();
        }
        FusedDqp.run(products, size);
        executor.run(size, endDecode);
    }

    private DecodeStages layer(int session, int index) {
        return sessions[session].layer(index).decode();
    }

    private void prepareProduct(int session) {
        if (stage == 0) {
            enterLayer(session);
        }
        layer(session, layer).run(stage, sessions[session].token());
    }

    private void enterLayer(int session) {
        if (layer == 0) {
            sessions[session].beginDecode();
        } else {
            layer(session, layer - 1).finish(sessions[session].token());
        }
    }

    private void leaveLayers(int session) {
        layer(session, layer - 1).finish(sessions[session].token());
        sessions[session].prepareHead();
    }
}
