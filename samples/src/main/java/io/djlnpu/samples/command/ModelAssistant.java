package io.djlnpu.samples.command;

import io.djlnpu.generate.Generation;
import io.djlnpu.generate.GenerationConfig;
import io.djlnpu.generate.TextGenerator;
import io.djlnpu.generate.chat.ChatMessage;
import io.djlnpu.generate.chat.ChatTemplate;
import io.djlnpu.samples.chat.Assistant;
import io.djlnpu.simulate.DecoderShape;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** Answers with a model; what earlier turns computed is reused through the prompt cache. */
final class ModelAssistant implements Assistant {

    private final TextGenerator generator;
    private final ChatTemplate template;
    private final GenerationConfig config;

    ModelAssistant(TextGenerator generator, ChatTemplate template, GenerationConfig config) {
        this.generator = generator;
        this.template = template;
        this.config = config;
    }

    @Override
    public Answer answer(
            List<Turn> conversation, Consumer<String> pieces, BooleanSupplier stopped) {
        if (!conversation.getLast().images().isEmpty()) {
            throw new IllegalArgumentException(
                    "the forward pass has no vision tower yet; ask without a picture");
        }
        List<ChatMessage> messages =
                conversation.stream()
                        .map(turn -> ChatMessage.of(turn.role(), turn.text()))
                        .toList();
        int[] ids = generator.tokenizer().encode(template.render(messages, true), true);
        try (Generation generation = generator.start(ids, config)) {
            while (!stopped.getAsBoolean() && generation.hasNext()) {
                pieces.accept(generation.next().text());
            }
            int tokens = generation.ids().length;
            return new Answer(
                    generation.text(),
                    tokens,
                    generation.timeToFirstTokenSeconds(),
                    tokens / Math.max(generation.decodeSeconds(), 1e-9),
                    NpuCost.of(DecoderShape.of(generator.model().config()), ids.length, tokens));
        }
    }
}
