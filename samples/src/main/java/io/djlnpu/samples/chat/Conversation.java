package io.djlnpu.samples.chat;

import com.google.gson.GsonBuilder;
import io.djlnpu.samples.chat.Assistant.Answer;
import io.djlnpu.samples.chat.Assistant.Turn;
import io.djlnpu.samples.failure.FailureMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The loop of {@code npu chat}: messages and commands in, answers out, until the input ends. */
public final class Conversation {

    private final ChatScreen screen;
    private final Assistant assistant;
    private final List<Turn> turns = new ArrayList<>();
    private final List<Path> images = new ArrayList<>();

    /**
     * Starts a conversation.
     *
     * @param screen where it happens
     * @param assistant who answers
     * @param system system message, if there is one
     */
    public Conversation(ChatScreen screen, Assistant assistant, Optional<String> system) {
        this.screen = screen;
        this.assistant = assistant;
        system.ifPresent(this::restart);
    }

    /** Talks until the input ends or {@code /exit}. */
    public void run() {
        for (Optional<String> line = screen.read(); line.isPresent(); line = screen.read()) {
            String message = line.get();
            if (message.equals("/exit") || message.equals("/quit")) {
                return;
            }
            try {
                if (message.startsWith("/")) {
                    obey(ChatCommands.Parsed.of(message));
                } else if (!message.isEmpty()) {
                    answer(message);
                }
            } catch (IOException | IllegalArgumentException e) {
                screen.note(FailureMessage.of(e));
            }
        }
    }

    private void obey(ChatCommands.Parsed command) throws IOException {
        switch (command.name()) {
            case "/help" -> screen.note(ChatCommands.HELP);
            case "/image" -> show(ChatCommands.file(command));
            case "/system" -> {
                restart(command.argument());
                screen.note(
                        command.argument().isBlank()
                                ? "forgotten; no system message from here on"
                                : "forgotten; the new system message holds from here on");
            }
            case "/reset" -> {
                turns.removeIf(turn -> !turn.role().equals("system"));
                images.clear();
                screen.note("forgotten");
            }
            case "/save" -> save(ChatCommands.file(command));
            default -> screen.note(command.name() + " is no command; /help lists them");
        }
    }

    private void restart(String system) {
        turns.clear();
        images.clear();
        if (!system.isBlank()) {
            turns.add(new Turn("system", system, List.of()));
        }
    }

    private void show(Path image) throws IOException {
        if (!Files.isRegularFile(image)) {
            throw new IllegalArgumentException("/image '" + image + "': no such file");
        }
        assistant.look(image);
        images.add(image);
        screen.hint(image.getFileName() + " goes with the next message");
    }

    private void answer(String message) throws IOException {
        turns.add(new Turn("user", message, List.copyOf(images)));
        try {
            screen.interruptible(
                    stop -> {
                        Answer answer = assistant.answer(List.copyOf(turns), screen::piece, stop);
                        screen.piece("\n");
                        screen.hint(summary(answer, stop.isRequested()));
                        if (!answer.text().isEmpty()) {
                            turns.add(new Turn("assistant", answer.text(), List.of()));
                            images.clear();
                        }
                    });
        } catch (IOException | RuntimeException e) {
            images.clear(); // what failed with them would fail again with every message
            throw e;
        } finally {
            // No answer, because it failed or was stopped first, must not leave two turns of the
            // user in a row.
            if (turns.getLast().role().equals("user")) {
                turns.removeLast();
            }
        }
    }

    private static String summary(Answer answer, boolean stopped) {
        String speed =
                String.format(
                        Locale.ROOT,
                        "%s%d tokens, %.1f tok/s, first after %.2f s",
                        stopped ? "stopped; " : answer.cut() ? "cut at " : "",
                        answer.tokens(),
                        answer.tokensPerSecond(),
                        answer.secondsToFirstToken());
        return "[" + speed + (answer.npuCost().isEmpty() ? "" : "; " + answer.npuCost()) + "]";
    }

    private void save(Path file) throws IOException {
        List<Map<String, Object>> messages = new ArrayList<>();
        for (Turn turn : turns) {
            messages.add(
                    Map.of(
                            "role", turn.role(),
                            "content", turn.text(),
                            "images", turn.images().stream().map(Path::toString).toList()));
        }
        Files.writeString(
                file,
                new GsonBuilder()
                        .setPrettyPrinting()
                        .disableHtmlEscaping()
                        .create()
                        .toJson(Map.of("messages", messages)));
        screen.note("saved to " + file);
    }
}
