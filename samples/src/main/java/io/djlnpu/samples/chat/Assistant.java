package io.djlnpu.samples.chat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/** Whoever answers in a conversation. */
public interface Assistant {

    /**
     * One turn.
     *
     * @param role {@code system}, {@code user} or {@code assistant}
     * @param text what was said
     * @param images pictures that go with it, shown before the text
     */
    record Turn(String role, String text, List<Path> images) {}

    /**
     * An answer with what it took.
     *
     * @param text the whole answer, also when it was stopped early
     * @param tokens tokens of the answer
     * @param secondsToFirstToken from the question to the first token
     * @param tokensPerSecond speed after the first token
     * @param cut whether it ended because no more tokens were allowed or held
     * @param npuCost what the same answer would cost on the NPU, in words; empty if not known
     */
    record Answer(
            String text,
            int tokens,
            double secondsToFirstToken,
            double tokensPerSecond,
            boolean cut,
            String npuCost) {}

    /**
     * Takes a look at a picture before it is part of a turn.
     *
     * @param image the picture
     * @throws IOException if it cannot be read
     * @throws IllegalArgumentException if the assistant does not see
     */
    default void look(Path image) throws IOException {}

    /**
     * Answers the last turn.
     *
     * @param conversation all turns so far; the last one is the user's
     * @param pieces receives the answer's text as it comes
     * @param stop ends the answer early
     * @return the answer
     * @throws IOException if a picture cannot be read
     */
    Answer answer(List<Turn> conversation, Consumer<String> pieces, StopSignal stop)
            throws IOException;
}
