package io.djlnpu.samples.command;

import io.djlnpu.generate.Generation;
import io.djlnpu.generate.Picture;
import io.djlnpu.generate.PromptTokens;
import io.djlnpu.generate.TextGenerator;
import io.djlnpu.generate.chat.ChatMessage;
import io.djlnpu.generate.chat.ChatTemplate;
import io.djlnpu.vision.ImageLoader;
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

    @Option(
            names = "--image",
            paramLabel = "F",
            description =
                    "picture for a model that sees: PNG, JPEG or WebP; may be repeated. With --chat it stands above the"
                            + " message, otherwise where the prompt says <start_of_image>")
    private List<Path> images = List.of();

    @Option(
            names = "--pan-and-scan",
            description = "show long pictures a second time, cut into crops")
    private boolean panAndScan;

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
        if (!images.isEmpty() && prompt.ids != null) {
            throw misuse("--image needs a text, not --ids");
        }
        try (LoadedModel loaded = LoadedModel.openWithTokenizer(model, common, console)) {
            PromptTokens tokens = tokens(loaded);
            TextGenerator generator = new TextGenerator(loaded.model(), loaded.tokenizer());
            try (Generation generation = generator.start(tokens, sampling.config())) {
                while (generation.hasNext()) {
                    console.stream(generation.next().text());
                }
                console.stream("\n");
                Result result =
                        new Result(
                                tokens.ids(),
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

    private PromptTokens tokens(LoadedModel loaded) throws IOException {
        if (prompt.ids != null) {
            return PromptTokens.of(prompt.ids.values());
        }
        String text = prompt.text != null ? prompt.text : Files.readString(prompt.file);
        if (chat) {
            List<ChatMessage> messages = new ArrayList<>();
            if (system != null) {
                messages.add(ChatMessage.of("system", system));
            }
            messages.add(ChatMessage.shown("user", images.size(), text));
            text = ChatTemplate.open(loaded.folder()).render(messages, true);
        }
        List<Picture> pictures = new ArrayList<>();
        for (Path image : images) {
            pictures.add(loaded.prompts().picture(ImageLoader.standard().load(image), panAndScan));
        }
        return loaded.prompts().tokenize(text, pictures);
    }
}
