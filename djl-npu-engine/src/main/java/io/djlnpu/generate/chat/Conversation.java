package io.djlnpu.generate.chat;

import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.util.List;

/**
 * What a prompt is made of.
 *
 * @param messages who said what
 * @param tools the functions that may be called
 * @param documents what an answer may rest on, as the template knows it; JSON's null without any
 * @param keywords further variables of the template, such as {@code enable_thinking}
 * @param template the name of the template, of a model that has several; null for the usual choice
 * @param addGenerationPrompt whether the prompt ends with the beginning of an answer
 * @param continueFinalMessage whether the prompt ends inside the last message, which the answer
 *     continues
 */
public record Conversation(
        List<ChatMessage> messages,
        ToolOffer tools,
        JsonElement documents,
        JsonObject keywords,
        String template,
        boolean addGenerationPrompt,
        boolean continueFinalMessage) {

    /** Copies the list and checks that a prompt has one end. */
    public Conversation {
        messages = List.copyOf(messages);
        if (addGenerationPrompt && continueFinalMessage) {
            throw new IllegalArgumentException(
                    "'add_generation_prompt' and 'continue_final_message' exclude each other");
        }
        if (continueFinalMessage && (messages.isEmpty() || messages.getLast().text().isEmpty())) {
            throw new IllegalArgumentException(
                    "'continue_final_message' without words in the last message");
        }
    }

    /**
     * Makes a conversation of messages alone, whose next answer is wanted.
     *
     * @param messages who said what
     * @return the conversation
     */
    public static Conversation of(List<ChatMessage> messages) {
        return new Conversation(
                messages, ToolOffer.NONE, JsonNull.INSTANCE, new JsonObject(), null, true, false);
    }

    Conversation with(List<ChatMessage> others, ToolOffer offer) {
        return new Conversation(
                others,
                offer,
                documents,
                keywords,
                template,
                addGenerationPrompt,
                continueFinalMessage);
    }
}
