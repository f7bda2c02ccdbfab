package io.djlnpu.samples.chat;

import static org.assertj.core.api.Assertions.assertThat;

import io.djlnpu.samples.chat.Assistant.Answer;
import io.djlnpu.samples.chat.Assistant.Turn;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jline.terminal.Terminal;
import org.jline.terminal.impl.DumbTerminal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConversationTest {

    @TempDir Path folder;

    private final List<List<Turn>> asked = new ArrayList<>();

    @Test
    void keepsTheTurnsUntilReset() throws IOException {
        talk("one\ntwo\n/reset\nthree\n", Optional.of("be brief"));
        assertThat(asked).extracting(List::size).containsExactly(2, 4, 2);
        assertThat(asked.getLast()).extracting(Turn::text).containsExactly("be brief", "three");
    }

    @Test
    void aBackslashGoesOnInTheNextLine() throws IOException {
        talk("first\\\nsecond\n", Optional.empty());
        assertThat(asked.getFirst().getFirst().text()).isEqualTo("first\nsecond");
    }

    @Test
    void quotesHoldManyLines() throws IOException {
        talk("\"\"\"a\n\nb\"\"\"\n", Optional.empty());
        assertThat(asked.getFirst().getFirst().text()).isEqualTo("a\n\nb");
    }

    @Test
    void saysHowFastAndWhatItCosts() throws IOException {
        assertThat(talk("hello\n", Optional.empty()))
                .contains("answer to hello")
                .contains("[3 tokens, 20.0 tok/s, first after 0.50 s; NPU: nothing]");
    }

    @Test
    void savesWhatWasSaid() throws IOException {
        Path file = folder.resolve("talk.json");
        talk("hello\n/save " + file + "\n", Optional.empty());
        assertThat(Files.readString(file)).contains("\"hello\"").contains("\"answer to hello\"");
    }

    @Test
    void aMissingPictureIsSaidAndNotAsked() throws IOException {
        assertThat(talk("/image no-such.png\n", Optional.empty())).contains("no such file");
        assertThat(asked).isEmpty();
    }

    @Test
    void afterAFailureTheTurnIsTakenBack() throws IOException {
        assertThat(talk("fail\nagain\n", Optional.empty())).contains("out of luck");
        assertThat(asked.getLast()).extracting(Turn::text).containsExactly("again");
    }

    private String talk(String input, Optional<String> system) throws IOException {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        try (Terminal terminal =
                new DumbTerminal(
                        "test",
                        Terminal.TYPE_DUMB,
                        new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
                        output,
                        StandardCharsets.UTF_8)) {
            ChatScreen screen = new ChatScreen(terminal, folder.resolve("history"));
            new Conversation(screen, this::answer, system).run();
        }
        return output.toString(StandardCharsets.UTF_8);
    }

    private Answer answer(
            List<Turn> turns, java.util.function.Consumer<String> pieces, StopSignal stop)
            throws IOException {
        asked.add(turns);
        String text = turns.getLast().text();
        if (text.equals("fail")) {
            throw new IOException("out of luck");
        }
        pieces.accept("answer to " + text);
        return new Answer("answer to " + text, 3, 0.5, 20, "NPU: nothing");
    }
}
