package io.djlnpu.translate;

import io.djlnpu.engine.TokenStream;
import io.djlnpu.generate.FinishReason;
import io.djlnpu.generate.Token;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.BooleanSupplier;

/** All answers to one request, token by token in turn. Ends early when the request is cancelled. */
final class Answers implements Iterator<Answers.Step>, AutoCloseable {

    /**
     * A token of one of the answers.
     *
     * @param answer whose
     * @param token the token
     * @param last whether that answer ends with it
     */
    record Step(Answer answer, Token token, boolean last) {}

    private final List<Answer> all = new ArrayList<>();
    private final BooleanSupplier cancelled;
    private int turn;

    Answers(List<TokenStream> streams, BooleanSupplier cancelled) {
        streams.forEach(stream -> all.add(new Answer(all.size(), stream)));
        this.cancelled = cancelled;
    }

    @Override
    public boolean hasNext() {
        if (cancelled.getAsBoolean()) {
            close();
        }
        for (int i = 0; i < all.size(); i++) {
            if (all.get(turn).hasNext()) {
                return true;
            }
            turn = (turn + 1) % all.size();
        }
        return false;
    }

    @Override
    public Step next() {
        if (!hasNext()) {
            throw new NoSuchElementException("all answers ended");
        }
        Answer answer = all.get(turn);
        turn = (turn + 1) % all.size();
        Token token = answer.next();
        // Known with the token itself: asking for the next one would hold this one back meanwhile.
        boolean last = answer.stream().finishReason() != FinishReason.RUNNING;
        return new Step(answer, token, last);
    }

    /** Tells whether no token will follow, without computing one. */
    boolean finished() {
        return all.stream().noneMatch(a -> a.stream().finishReason() == FinishReason.RUNNING);
    }

    /** Writes all answers to their ends. */
    List<Answer> complete() {
        while (hasNext()) {
            next();
        }
        return all;
    }

    @Override
    public void close() {
        all.forEach(answer -> answer.stream().close());
    }
}
