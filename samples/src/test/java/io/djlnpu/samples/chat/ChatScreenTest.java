package io.djlnpu.samples.chat;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.djlnpu.samples.chat.Assistant.Answer;
import io.djlnpu.samples.chat.Assistant.Turn;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import org.jline.terminal.Terminal;
import org.jline.terminal.impl.ExternalTerminal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A conversation on a pseudo-terminal, whose line discipline makes the signal of Ctrl-C. */
@Timeout(60)
class ChatScreenTest {

    private static final String COLOUR = "\033\\[[0-9;]*m";
    private static final String CTRL_C = "\003";

    @TempDir Path folder;

    private final ByteArrayOutputStream shown = new ByteArrayOutputStream();
    private final BlockingQueue<List<Turn>> asked = new LinkedBlockingQueue<>();

    private interface Typist {
        void type(Consumer<String> keys) throws Exception;
    }

    @Test
    void ctrlCStopsTheAnswerAndNotTheProgram() throws Exception {
        boolean left =
                talk(
                        null,
                        keys -> {
                            keys.accept("endless\r");
                            assertThat(next()).extracting(Turn::text).containsExactly("endless");
                            keys.accept(CTRL_C);
                            awaitShown("[stopped; 1 tokens");
                            keys.accept("next\r");
                            assertThat(next())
                                    .extracting(Turn::text)
                                    .containsExactly("endless", "a word", "next");
                            keys.accept("/exit\r");
                        });
        assertThat(left).isTrue();
    }

    @Test
    void ctrlCInALongPromptTakesTheMessageBack() throws Exception {
        boolean left =
                talk(
                        null,
                        keys -> {
                            keys.accept("long prompt\r");
                            next();
                            keys.accept(CTRL_C);
                            awaitShown("[stopped; 0 tokens");
                            keys.accept("next\r");
                            assertThat(next()).extracting(Turn::text).containsExactly("next");
                            keys.accept("/exit\r");
                        });
        assertThat(left).isTrue();
    }

    @Test
    void ctrlCTwiceOnAnEmptyLineLeaves() throws Exception {
        boolean left =
                talk(
                        null,
                        keys -> {
                            awaitPrompts(1);
                            keys.accept("given up");
                            awaitShown("given up");
                            keys.accept(CTRL_C);
                            awaitPrompts(2);
                            keys.accept(CTRL_C);
                            awaitShown("Ctrl-C again");
                            awaitPrompts(3);
                            keys.accept(CTRL_C);
                        });
        assertThat(left).isTrue();
        assertThat(asked).isEmpty();
    }

    @Test
    void coloursAreShownUnlessTheyAreUnwanted() throws Exception {
        Typist hello =
                keys -> {
                    keys.accept("hello\r");
                    awaitShown("tok/s");
                    keys.accept("/exit\r");
                };
        talk(null, hello);
        assertThat(text()).containsPattern(COLOUR);
        shown.reset();
        talk("", hello);
        assertThat(text()).containsPattern(COLOUR);
        shown.reset();
        talk("1", hello);
        assertThat(text()).contains("a word").doesNotContainPattern(COLOUR);
    }

    /** Returns whether the conversation ended by itself. */
    private boolean talk(String noColor, Typist typist) throws Exception {
        try (PipedOutputStream keyboard = new PipedOutputStream();
                Terminal terminal =
                        new ExternalTerminal(
                                "test",
                                "xterm",
                                new PipedInputStream(keyboard),
                                shown,
                                StandardCharsets.UTF_8)) {
            ChatScreen screen =
                    new ChatScreen(
                            terminal,
                            Optional.of(folder.resolve("history")),
                            line -> {},
                            false,
                            noColor);
            Thread talk =
                    Thread.ofPlatform()
                            .start(
                                    () ->
                                            new Conversation(screen, this::answer, Optional.empty())
                                                    .run());
            typist.type(keys -> press(keyboard, keys));
            talk.join(SECONDS.toMillis(30));
            return !talk.isAlive();
        }
    }

    private static void press(PipedOutputStream keyboard, String keys) {
        try {
            keyboard.write(keys.getBytes(StandardCharsets.UTF_8));
            keyboard.flush();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private List<Turn> next() throws InterruptedException {
        List<Turn> turns = asked.poll(30, SECONDS);
        assertThat(turns).as("a question").isNotNull();
        return turns;
    }

    private String text() {
        return shown.toString(StandardCharsets.UTF_8);
    }

    private void awaitShown(String expected) throws InterruptedException {
        for (int i = 0; i < 3000 && !text().contains(expected); i++) {
            Thread.sleep(10);
        }
        assertThat(text()).contains(expected);
    }

    /** Keys that come before the line is read are the terminal's, which drops what Ctrl-C ends. */
    private void awaitPrompts(int count) throws InterruptedException {
        for (int i = 0; i < 3000 && prompts() < count; i++) {
            Thread.sleep(10);
        }
        assertThat(prompts()).isGreaterThanOrEqualTo(count);
    }

    private int prompts() {
        return text().split("> ", -1).length - 1;
    }

    private Answer answer(List<Turn> turns, Consumer<String> pieces, StopSignal stop) {
        asked.add(turns);
        String question = turns.getLast().text();
        CountDownLatch ended = new CountDownLatch(1);
        stop.onRequest(ended::countDown);
        boolean silent = question.equals("long prompt");
        if (!silent) {
            pieces.accept("a word");
        }
        if (silent || question.equals("endless")) {
            try {
                assertThat(ended.await(30, SECONDS)).isTrue();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        return new Answer(silent ? "" : "a word", silent ? 0 : 1, 0, 1, false, "");
    }
}
