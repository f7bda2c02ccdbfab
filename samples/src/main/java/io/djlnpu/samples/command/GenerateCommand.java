package io.djlnpu.samples.command;

import io.djlnpu.generate.FinishReason;
import io.djlnpu.generate.Generation;
import io.djlnpu.generate.GenerationConfig;
import io.djlnpu.generate.Picture;
import io.djlnpu.generate.PromptTokens;
import io.djlnpu.generate.TextGenerator;
import io.djlnpu.generate.chat.ChatMessage;
import io.djlnpu.generate.chat.ChatTemplate;
import io.djlnpu.vision.ImageLoader;
import io.djlnpu.vision.RgbImage;
import java.io.IOException;
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

    private static final int MOST_NEW_TOKENS = 128;

    @Mixin private ModelOptions model;

    @ArgGroup(multiplicity = "0..1")
    private PromptSource given;

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

    /** The JSON result; the text is null for a model without a tokenizer. */
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
        PromptSource prompt = given == null ? PromptSource.ofPipe() : given;
        if (system != null && !chat) {
            throw misuse("--system needs --chat");
        }
        if (chat && prompt.ids() != null) {
            throw misuse("--chat needs a text, not --ids");
        }
        if (!images.isEmpty() && prompt.ids() != null) {
            throw misuse("--image needs a text, not --ids");
        }
        GenerationConfig config =
                usable(
                        () ->
                                sampling.config(
                                        GenerationConfig.builder().maxNewTokens(MOST_NEW_TOKENS)));
        // What the user may have mistyped is read before the model, which takes its time.
        String text = prompt.isMissing() || prompt.ids() != null ? null : prompt.read();
        if (prompt.isMissing() || given == null && text.isEmpty()) {
            throw misuse("no prompt; give one of --prompt, --prompt-file and --ids, or pipe it in");
        }
        List<RgbImage> pixels = new ArrayList<>();
        for (Path image : images) {
            pixels.add(ImageLoader.standard().load(image));
        }
        LoadedModel.Words words =
                text == null ? LoadedModel.Words.IF_POSSIBLE : LoadedModel.Words.NEEDED;
        try (LoadedModel loaded = LoadedModel.open(model, common, console, words)) {
            if (text == null) {
                prompt.ids().checkWithin(loaded.model().config().vocabSize());
            }
            Result result =
                    loaded.hasTokenizer()
                            ? answer(loaded, tokens(loaded, prompt, text, pixels), config, console)
                            : answer(loaded, prompt.ids().values(), config, console);
            console.result(result, out -> {});
            if (result.finishReason().equals(FinishReason.LENGTH.toString())) {
                console.hint(
                        "cut at %d tokens; --max-new-tokens takes more, as far as the context of %d holds them"
                                .formatted(result.ids().length, loaded.model().maxContext()));
            }
            return 0;
        }
    }

    private static Result answer(
            LoadedModel loaded, PromptTokens tokens, GenerationConfig config, Console console)
            throws IOException {
        TextGenerator generator = new TextGenerator(loaded.model(), loaded.tokenizer());
        try (Generation generation = generator.start(tokens, config)) {
            while (generation.hasNext()) {
                console.stream(generation.next().text());
            }
            console.stream("\n");
            return new Result(
                    tokens.ids(),
                    generation.ids(),
                    generation.text(),
                    generation.finishReason().toString(),
                    generation.prefillSeconds(),
                    generation.decodeSeconds(),
                    generation.timeToFirstTokenSeconds());
        }
    }

    /** Without a tokenizer there are no words, and the ids are the answer. */
    private static Result answer(
            LoadedModel loaded, int[] ids, GenerationConfig config, Console console)
            throws IOException {
        IdGeneration generation =
                IdGeneration.run(
                        loaded.model(),
                        loaded.folder(),
                        ids,
                        config,
                        id -> console.stream(id + " "));
        console.stream("\n");
        FinishReason reason = generation.stopped() ? FinishReason.STOP : FinishReason.LENGTH;
        return new Result(
                ids,
                generation.ids(),
                null,
                reason.toString(),
                generation.prefillSeconds(),
                generation.decodeSeconds(),
                generation.timeToFirstTokenSeconds());
    }

    private PromptTokens tokens(
            LoadedModel loaded, PromptSource prompt, String words, List<RgbImage> pixels)
            throws IOException {
        if (words == null) {
            return PromptTokens.of(prompt.ids().values());
        }
        String text = words;
        if (chat) {
            List<ChatMessage> messages = new ArrayList<>();
            if (system != null) {
                messages.add(ChatMessage.of("system", system));
            }
            messages.add(ChatMessage.shown("user", images.size(), text));
            text = ChatTemplate.open(loaded.folder()).render(messages, true);
        }
        List<Picture> pictures = new ArrayList<>();
        for (RgbImage image : pixels) {
            pictures.add(loaded.prompts().picture(image, panAndScan));
        }
        try {
            return loaded.prompts().tokenize(text, pictures);
        } catch (IllegalArgumentException e) {
            if (chat || pictures.isEmpty()) {
                throw e;
            }
            throw new IllegalArgumentException(
                    e.getMessage() + "; --chat puts pictures above the message by itself", e);
        }
    }
}
