package io.djlnpu.samples.peer;

import io.djlnpu.gemma3.Gemma3Model;
import io.djlnpu.gemma3.Gemma3Session;

/** Our own forward pass on a bundle. */
final class NpuContestant implements Contestant {

    private final String name;
    private final Gemma3Model model;
    private Gemma3Session session;

    /** Takes a model that stays the caller's. */
    NpuContestant(String name, Gemma3Model model) {
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
