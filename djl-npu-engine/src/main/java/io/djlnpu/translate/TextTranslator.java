package io.djlnpu.translate;

import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.djlnpu.engine.TextPipeline;
import io.djlnpu.engine.TokenStream;
import io.djlnpu.generate.GenerationConfig;
import io.djlnpu.generate.chat.ChatMessage;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.function.BiFunction;

/**
 * A prompt to its continuation, as one text or as the stream of its pieces.
 *
 * <p>The argument {@code prompt=chat} makes the prompt a user's message to a chat model, {@code
 * completion} (the default) the beginning of a text; arguments such as {@code maxNewTokens}, {@code
 * temperature}, {@code seed} say how to generate.
 *
 * @param <O> what the stream becomes
 */
final class TextTranslator<O> extends AnswerTranslator<String, O> {

    private final TextPipeline text;
    private final GenerationConfig config;
    private final boolean chat;
    private final BiFunction<TokenStream, NpuMetrics, O> output;

    TextTranslator(
            TextPipeline text, JsonObject arguments, BiFunction<TokenStream, NpuMetrics, O> output)
            throws IOException {
        this.text = text;
        this.output = output;
        config = GenerationParameters.read(text.folder(), arguments);
        chat = isChat(arguments);
    }

    private static boolean isChat(JsonObject arguments) {
        String kind =
                arguments.get("prompt") instanceof JsonPrimitive value
                        ? value.getAsString()
                        : "completion";
        return switch (kind.trim().toLowerCase(Locale.ROOT)) {
            case "chat" -> true;
            case "completion" -> false;
            default ->
                    throw new IllegalArgumentException(
                            "argument prompt=" + kind + ", expected chat or completion");
        };
    }

    @Override
    O whole(String prompt, NpuMetrics metrics) {
        return output.apply(
                chat
                        ? text.chat(List.of(ChatMessage.of("user", prompt)), config)
                        : text.complete(prompt, config),
                metrics);
    }

    @Override
    StreamOutput<O> stream(String prompt) {
        return ready(whole(prompt, new NpuMetrics(null)));
    }
}
