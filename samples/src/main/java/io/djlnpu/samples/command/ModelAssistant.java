package io.djlnpu.samples.command;

import io.djlnpu.generate.FinishReason;
import io.djlnpu.generate.Generation;
import io.djlnpu.generate.GenerationConfig;
import io.djlnpu.generate.Picture;
import io.djlnpu.generate.PromptTokens;
import io.djlnpu.generate.TextGenerator;
import io.djlnpu.generate.chat.ChatMessage;
import io.djlnpu.generate.chat.ChatTemplate;
import io.djlnpu.samples.chat.Assistant;
import io.djlnpu.samples.chat.StopSignal;
import io.djlnpu.vision.ImageLoader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Answers with a model; what earlier turns computed is reused through the prompt cache. */
final class ModelAssistant implements Assistant {

    private final LoadedModel loaded;
    private final TextGenerator generator;
    private final ChatTemplate template;
    private final GenerationConfig config;

    /** Each picture is read and encoded once, however many turns look back at it. */
    private final Map<Path, Picture> pictures = new HashMap<>();

    ModelAssistant(
            LoadedModel loaded,
            TextGenerator generator,
            ChatTemplate template,
            GenerationConfig config) {
        this.loaded = loaded;
        this.generator = generator;
        this.template = template;
        this.config = config;
    }

    @Override
    public Answer answer(List<Turn> conversation, Consumer<String> pieces, StopSignal stop)
            throws IOException {
        PromptTokens prompt = prompt(conversation);
        int context = loaded.model().maxContext();
        if (prompt.ids().length > context) {
            throw new IllegalArgumentException(
                    "with this message the conversation has %d tokens, the context holds %d;"
                                    .formatted(prompt.ids().length, context)
                            + " /reset forgets it (/save FILE keeps it first)");
        }
        try (Generation generation = generator.start(prompt, config)) {
            stop.onRequest(generation::cancel);
            while (generation.hasNext()) {
                pieces.accept(generation.next().text());
            }
            int tokens = generation.ids().length;
            return new Answer(
                    generation.text(),
                    tokens,
                    generation.timeToFirstTokenSeconds(),
                    tokens / Math.max(generation.decodeSeconds(), 1e-9),
                    generation.finishReason() == FinishReason.LENGTH,
                    NpuCost.of((generator.model().config()), prompt.ids().length, tokens));
        }
    }

    @Override
    public void look(Path image) throws IOException {
        picture(image);
    }

    private PromptTokens prompt(List<Turn> conversation) throws IOException {
        List<ChatMessage> messages = new ArrayList<>();
        List<Picture> shown = new ArrayList<>();
        for (Turn turn : conversation) {
            messages.add(ChatMessage.shown(turn.role(), turn.images().size(), turn.text()));
            for (Path image : turn.images()) {
                shown.add(picture(image));
            }
        }
        return loaded.prompts().tokenize(template.render(messages, true), shown);
    }

    private Picture picture(Path file) throws IOException {
        Picture picture = pictures.get(file);
        if (picture == null) {
            picture = loaded.prompts().picture(ImageLoader.standard().load(file), false);
            pictures.put(file, picture);
        }
        return picture;
    }
}
