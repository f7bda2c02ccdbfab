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
    private final TileExecutor.Task prepareAttention = (i, thread) -> enterLayer(i);
    private final TileExecutor.Task attend = (i, thread) -> layer(i).attend(session(i).position());
    private final TileExecutor.Task prepareGatedMlp = (i, thread) -> layer(i).prepareGatedMlp();
    private final TileExecutor.Task gate = (i, thread) -> layer(i).gate();
    private final TileExecutor.Task prepareHead = (i, thread) -> leaveLayers(i);
    private final TileExecutor.Task endDecode = (i, thread) -> session(i).endDecode();
    private int size;
    private int layer;

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
        for (layer = 0; layer < layerCount; layer++) {
            executor.run(size, prepareAttention);
            multiply(0);
            executor.run(size, attend);
            multiply(1);
            executor.run(size, prepareGatedMlp);
            multiply(2);
            executor.run(size, gate);
            multiply(3);
        }
        executor.run(size, prepareHead);
        for (int i = 0; i < size; i++) {
            products[i] = sessions[i].head();
        }
        FusedDqp.run(products, size);
        executor.run(size, endDecode);
    }

    private void multiply(int product) {
        for (int i = 0; i < size; i++) {
            products[i] = layer(i).product(product);
        }
        FusedDqp.run(products, size);
    }

    private DecoderLayer layer(int session) {
        return sessions[session].layer(layer);
    }

    private void enterLayer(int session) {
        if (layer == 0) {
            sessions[session].beginDecode();
        } else {
            sessions[session].layer(layer - 1).finish();
        }
        layer(session).prepareAttention();
    }

    private void leaveLayers(int session) {
        sessions[session].layer(layer - 1).finish();
        sessions[session].prepareHead();
    }
}
