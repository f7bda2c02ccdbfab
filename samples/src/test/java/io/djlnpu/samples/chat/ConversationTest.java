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
import java.util.function.Consumer;
import org.jline.terminal.Terminal;
import org.jline.terminal.impl.DumbTerminal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConversationTest {

    @TempDir Path folder;

    private final List<List<Turn>> asked = new ArrayList<>();
    private final StringBuilder aside = new StringBuilder();
    private boolean quiet;
    private Assistant assistant = this::answer;

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

    @Test
    void aCutAnswerIsMarked() throws IOException {
        assertThat(talk("long\n", Optional.empty())).contains("[cut at 3 tokens");
    }

    @Test
    void aPictureThatCannotBeSeenIsSaidAtOnceAndForgotten() throws IOException {
        Path picture = Files.writeString(folder.resolve("words.png"), "no picture");
        assistant =
                new Assistant() {
                    @Override
                    public Answer answer(List<Turn> turns, Consumer<String> pieces, StopSignal stop)
                            throws IOException {
                        return ConversationTest.this.answer(turns, pieces, stop);
                    }

                    @Override
                    public void look(Path image) throws IOException {
                        throw new IOException(image + ": no picture");
                    }
                };
        assertThat(talk("/image " + picture + "\nhello\n", Optional.empty()))
                .contains(picture + ": no picture")
                .contains("answer to hello");
        assertThat(asked.getLast().getLast().images()).isEmpty();
    }

    @Test
    void whatFailedWithItsPictureGoesOnWithout() throws IOException {
        Path picture = Files.writeString(folder.resolve("a.png"), "");
        talk("/image " + picture + "\nfail\nagain\n", Optional.empty());
        assertThat(asked.getFirst().getLast().images()).containsExactly(picture);
        assertThat(asked.getLast().getLast().images()).isEmpty();
    }

    @Test
    void namesOfFilesAreReadAsAShellDoes() throws IOException {
        Path picture = Files.writeString(folder.resolve("a picture.png"), "");
        talk("/image \"" + picture + "\"\nhello\n", Optional.empty());
        assertThat(asked.getLast().getLast().images()).containsExactly(picture);
        assertThat(ChatCommands.file(ChatCommands.Parsed.of("/image ~/x y.png")))
                .isEqualTo(Path.of(System.getProperty("user.home"), "x y.png"));
        assertThat(ChatCommands.file(ChatCommands.Parsed.of("/image 'it.png'")))
                .isEqualTo(Path.of("it.png"));
        assertThat(talk("/save\n", Optional.empty())).contains("/save needs the name of a file");
    }

    @Test
    void aFileThatCannotBeSavedIsSaidWithItsReason() throws IOException {
        Path nowhere = folder.resolve("none").resolve("talk.json");
        assertThat(talk("/save " + nowhere + "\n", Optional.empty()))
                .contains(nowhere + ": no such file or folder");
    }

    @Test
    void anotherSystemMessageSaysWhatItForgets() throws IOException {
        assertThat(talk("one\n/system be brief\ntwo\n", Optional.empty()))
                .contains("forgotten; the new system message holds");
        assertThat(asked.getLast()).extracting(Turn::text).containsExactly("be brief", "two");
    }

    @Test
    void inAPipeOnlyAnswersAreWritten() throws IOException {
        String all = talk("hello\n/reset\n", Optional.empty());
        assertThat(all.substring(0, all.length() - aside.length()))
                .isEqualToIgnoringNewLines("answer to hello");
        assertThat(aside).contains("3 tokens").contains("forgotten");
    }

    @Test
    void quietSaysOnlyWhatIsAskedFor() throws IOException {
        quiet = true;
        talk("hello\n/reset\nfail\n", Optional.empty());
        assertThat(aside.toString().lines()).containsExactly("forgotten", "out of luck");
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
            ChatScreen screen = screen(terminal);
            new Conversation(screen, assistant, system).run();
        }
        return output.toString(StandardCharsets.UTF_8) + aside;
    }

    private ChatScreen screen(Terminal terminal) {
        return new ChatScreen(
                terminal,
                Optional.of(folder.resolve("history")),
                line -> aside.append(line).append('\n'),
                quiet);
    }

    private Answer answer(List<Turn> turns, Consumer<String> pieces, StopSignal stop)
            throws IOException {
        asked.add(turns);
        String text = turns.getLast().text();
        if (text.equals("fail")) {
            throw new IOException("out of luck");
        }
        pieces.accept("answer to " + text);
        return new Answer("answer to " + text, 3, 0.5, 20, text.equals("long"), "NPU: nothing");
    }
}
