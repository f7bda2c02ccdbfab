package io.djlnpu.samples.command;

import io.djlnpu.generate.Generation;
import io.djlnpu.generate.TextGenerator;
import io.djlnpu.generate.chat.ChatMessage;
import io.djlnpu.generate.chat.ChatTemplate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** One answer, streamed as it comes. */
@Command(name = "generate", description = "Answers one prompt, streaming to standard output.")
public final class GenerateCommand extends NpuCommand {

    @Mixin private ModelOptions model;

    @ArgGroup(multiplicity = "1")
    private PromptSource prompt;

    @Mixin private SamplingOptions sampling;

    @Option(names = "--image", paramLabel = "F", description = "picture for a model that sees")
    private List<Path> images = List.of();

    @Option(
            names = "--chat",
            description = "the prompt is a user's message, put into the model's chat template")
    private boolean chat;

    @Option(names = "--system", paramLabel = "T", description = "system message, with --chat")
    private String system;

    /** Made by picocli. */
    public GenerateCommand() {}

    /** Exactly one of them. */
    private static final class PromptSource {

        @Option(names = "--prompt", paramLabel = "T", description = "the prompt")
        private String text;

        @Option(names = "--prompt-file", paramLabel = "F", description = "file with the prompt")
        private Path file;

        @Option(
                names = "--ids",
                paramLabel = "2,105,...",
                converter = TokenIds.Converter.class,
                description = "the prompt's token ids; bypasses the tokenizer")
        private TokenIds ids;
    }

    /** The JSON result. */
    private record Result(
            int[] promptIds,
            int[] ids,
            String text,
            String finishReason,
            double prefillSeconds,
            double decodeSeconds,
            double timeToFirstTokenSeconds) {}

    @Override
    int run(Console console) throws IOException {
        if (system != null && !chat) {
            throw misuse("--system needs --chat");
        }
        if (chat && prompt.ids != null) {
            throw misuse("--chat needs a text, not --ids");
        }
        try (LoadedModel loaded = LoadedModel.open(model, common, console)) {
            if (!images.isEmpty()) {
                throw new IllegalArgumentException(
                        "--image "
                                + images.getFirst()
                                + ": the forward pass has no vision tower yet; ask without a picture");
            }
            int[] ids = promptIds(loaded);
            TextGenerator generator = new TextGenerator(loaded.model(), loaded.tokenizer());
            try (Generation generation = generator.start(ids, sampling.config())) {
                while (generation.hasNext()) {
                    console.stream(generation.next().text());
                }
                console.stream("\n");
                Result result =
                        new Result(
                                ids,
                                generation.ids(),
                                generation.text(),
                                generation.finishReason().toString(),
                                generation.prefillSeconds(),
                                generation.decodeSeconds(),
                                generation.timeToFirstTokenSeconds());
                console.result(result, out -> {});
            }
            return 0;
        }
    }

    private int[] promptIds(LoadedModel loaded) throws IOException {
        if (prompt.ids != null) {
            return prompt.ids.values();
        }
        String text = prompt.text != null ? prompt.text : Files.readString(prompt.file);
        if (chat) {
            List<ChatMessage> messages = new ArrayList<>();
            if (system != null) {
                messages.add(ChatMessage.of("system", system));
            }
            messages.add(ChatMessage.of("user", text));
            text = ChatTemplate.open(loaded.folder()).render(messages, true);
        }
        return loaded.tokenizer().encode(text, true);
    }
}
