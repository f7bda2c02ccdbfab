package io.djlnpu.samples.peer;

import io.djlnpu.decoder.DecoderModel;
import io.djlnpu.decoder.DecoderSession;

/** Our own forward pass on a bundle. */
final class NpuContestant implements Contestant {

    private final String name;
    private final DecoderModel model;
    private DecoderSession session;

    /** Takes a model that stays the caller's. */
    NpuContestant(String name, DecoderModel model) {
        this.name = name;
        this.model = model;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int prefill(int[] prompt) {
        close();
        session = model.newSession();
        return best(session.prefill(prompt));
    }

    @Override
    public int decode(int token) {
        return session.decodeGreedy(token);
    }

    private static int best(float[] logits) {
        int best = 0;
        for (int i = 1; i < logits.length; i++) {
            if (logits[i] > logits[best]) {
                best = i;
            }
        }
        return best;
    }

    @Override
    public void close() {
        if (session != null) {
            session.close();
            session = null;
        }
    }
}
