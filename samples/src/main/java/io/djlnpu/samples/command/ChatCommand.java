package io.djlnpu.samples.command;

import io.djlnpu.generate.GenerationConfig;
import io.djlnpu.generate.PromptCache;
import io.djlnpu.generate.TextGenerator;
import io.djlnpu.generate.chat.ChatTemplate;
import io.djlnpu.samples.chat.ChatScreen;
import io.djlnpu.samples.chat.Conversation;
import io.djlnpu.samples.failure.FailureMessage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A conversation on the terminal. */
@Command(
        name = "chat",
        description =
                "Talks on the terminal: history, multi-line input, /help. Ctrl-C stops the answer;"
                        + " Ctrl-D, or Ctrl-C twice on an empty line, leaves.")
public final class ChatCommand extends NpuCommand {

    private static final long CACHE_BYTES = 1L << 30;

    @Mixin private ModelOptions model;

    @Mixin private SamplingOptions sampling;

    @Option(names = "--system", paramLabel = "T", description = "system message")
    private String system;

    /** Made by picocli. */
    public ChatCommand() {}

    @Override
    int run(Console console) throws IOException {
        if (common.json) {
            throw misuse("a conversation is no JSON object; leave --json out, or use generate");
        }
        usable(() -> sampling.config(GenerationConfig.builder()));
        try (LoadedModel loaded =
                        LoadedModel.open(model, common, console, LoadedModel.Words.NEEDED);
                PromptCache cache = new PromptCache(loaded.model(), CACHE_BYTES);
                Terminal terminal =
                        TerminalBuilder.builder()
                                .encoding(StandardCharsets.UTF_8)
                                .dumb(true)
                                .build()) {
            TextGenerator generator = new TextGenerator(loaded.model(), loaded.tokenizer(), cache);
            ChatTemplate template = ChatTemplate.open(loaded.folder());
            ChatScreen screen =
                    new ChatScreen(terminal, historyFile(console), console::note, common.quiet);
            screen.hint("/help lists the commands; Ctrl-D leaves");
            new Conversation(
                            screen,
                            new ModelAssistant(
                                    loaded,
                                    generator,
                                    template,
                                    sampling.config(defaults(loaded.folder()))),
                            Optional.ofNullable(system))
                    .run();
            return 0;
        }
    }

    /** As the model's makers advise, and as long as the context holds. */
    static GenerationConfig.Builder defaults(Path model) throws IOException {
        return GenerationConfig.builder().defaultsOf(model).maxNewTokens(Integer.MAX_VALUE);
    }

    private static Optional<Path> historyFile(Console console) {
        String state = System.getenv("XDG_STATE_HOME");
        return historyFile(
                state == null || state.isBlank()
                        ? Path.of(System.getProperty("user.home"), ".local", "state")
                        : Path.of(state),
                console);
    }

    /** A conversation needs no history, so a home that cannot be written is no failure. */
    static Optional<Path> historyFile(Path state, Console console) {
        Path folder = state.resolve("npu");
        try {
            Files.createDirectories(folder);
            return Optional.of(folder.resolve("chat_history"));
        } catch (IOException e) {
            console.hint("messages are not kept for the next run: " + FailureMessage.of(e));
            return Optional.empty();
        }
    }
}
