package io.djlnpu.generate.chat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.djlnpu.generate.JsonFiles;
import io.djlnpu.template.Template;
import io.djlnpu.template.TemplateException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A model's own Jinja template, which turns a conversation into the text of a prompt, byte for byte
 * as transformers renders it. Words of a message are never read as template. Safe for many threads.
 *
 * <p>Looked for, in this order: {@code chat_template.jinja}, with named ones in {@code
 * additional_chat_templates}; {@code chat_template.json}; {@code chat_template} in {@code
 * tokenizer_config.json}, a text or a list of named ones. A Gemma without any gets Gemma 3's form,
 * which all its sizes share; another model without any cannot chat.
 */
public final class ChatTemplate {

    private static final String TOOL_USE = "tool_use";

    /** What transformers puts behind the last message, to cut the prompt there. */
    private static final String TAG = "CONTINUE_FINAL_MESSAGE_TAG ";

    private final Map<String, Template> templates;
    private final JsonObject specialTokens;

    private ChatTemplate(Map<String, Template> templates, JsonObject specialTokens) {
        this.templates = templates;
        this.specialTokens = specialTokens;
    }

    /**
     * Opens a model's template.
     *
     * @param modelFolder the model's folder
     * @return its template
     * @throws IOException if a file that should hold it is malformed, or the template uses what is
     *     not known; names the line
     */
    public static ChatTemplate open(Path modelFolder) throws IOException {
        Map<String, Template> templates = TemplateFiles.read(modelFolder);
        JsonObject tokens = SpecialTokens.read(modelFolder).orElseGet(SpecialTokens::gemma);
        if (templates.isEmpty() && isGemma(modelFolder)) {
            templates = gemma3().templates;
            SpecialTokens.gemma().entrySet().stream()
                    .filter(token -> !tokens.has(token.getKey()))
                    .forEach(token -> tokens.add(token.getKey(), token.getValue()));
        }
        return new ChatTemplate(templates, tokens);
    }

    /** A folder without a configuration is taken for one. */
    private static boolean isGemma(Path folder) throws IOException {
        Optional<JsonObject> config = JsonFiles.object(folder.resolve("config.json"));
        return config.isEmpty()
                || !(config.get().get("model_type") instanceof JsonPrimitive type)
                || type.getAsString().contains("gemma");
    }

    /**
     * Returns Gemma 3's form.
     *
     * @return the template that every size of the family is trained on
     */
    public static ChatTemplate gemma3() {
        try (InputStream in = ChatTemplate.class.getResourceAsStream("gemma3.jinja")) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return new ChatTemplate(
                    Map.of(TemplateFiles.DEFAULT, Template.parse(text)), SpecialTokens.gemma());
        } catch (IOException e) {
            throw new IllegalStateException("gemma3.jinja is not readable in the jar", e);
        }
    }

    /**
     * Turns a conversation into a prompt, the first token's name included.
     *
     * @param messages the conversation
     * @param addGenerationPrompt whether the prompt ends with the beginning of an answer
     * @return the text
     * @throws IllegalArgumentException if the template refuses the conversation, such as roles that
     *     do not alternate, or cannot be run
     */
    public String render(List<ChatMessage> messages, boolean addGenerationPrompt) {
        Conversation asked = Conversation.of(messages);
        return render(
                new Conversation(
                        messages,
                        asked.tools(),
                        asked.documents(),
                        asked.keywords(),
                        null,
                        addGenerationPrompt,
                        false));
    }

    /**
     * Turns a conversation into a prompt as it stands, as transformers' {@code apply_chat_template}
     * does.
     *
     * @param conversation messages and all else that the template sees
     * @return the text
     * @throws IllegalArgumentException if the template refuses the conversation, or cannot be run;
     *     mostly a {@link TemplateException}
     */
    public String render(Conversation conversation) {
        JsonObject variables = specialTokens.deepCopy();
        JsonArray messages = new JsonArray();
        conversation.messages().forEach(message -> messages.add(message.json()));
        if (conversation.continueFinalMessage()) {
            messages.set(messages.size() - 1, tagged(conversation.messages().getLast()));
        }
        conversation.keywords().entrySet().forEach(e -> variables.add(e.getKey(), e.getValue()));
        variables.add("messages", messages);
        variables.add("tools", tools(conversation.tools()));
        variables.add("documents", conversation.documents());
        variables.addProperty("add_generation_prompt", conversation.addGenerationPrompt());
        String prompt = chosen(conversation).render(variables);
        return conversation.continueFinalMessage()
                ? cut(prompt, conversation.messages().getLast())
                : prompt;
    }

    /**
     * Turns a conversation into a prompt for a model whose template may know less: functions, calls
     * and their results are told in Gemma's words where the template has no place for them, and
     * turns of one side are joined where it wants them to alternate.
     *
     * @param conversation messages and all else that the template sees
     * @return the text
     * @throws IllegalArgumentException if the template refuses the conversation, or cannot be run
     */
    public String prompt(Conversation conversation) {
        Conversation told = ToolWords.told(conversation, chosen(conversation)::mentions);
        try {
            return render(told);
        } catch (TemplateException refusal) {
            Conversation joined = ToolWords.joined(ToolWords.named(told));
            boolean again =
                    switch (refusal.kind()) {
                        case RAISED, UNDEFINED, VALUE -> !joined.equals(told);
                        case SYNTAX, UNKNOWN, FORBIDDEN, LIMIT, INTERRUPTED -> false;
                    };
            if (!again) {
                throw refusal;
            }
            try {
                return render(joined);
            } catch (TemplateException other) {
                throw refusal;
            }
        }
    }

    private static JsonElement tools(ToolOffer offer) {
        if (offer.isEmpty()) {
            return JsonNull.INSTANCE;
        }
        JsonArray tools = new JsonArray();
        offer.tools().forEach(tools::add);
        return tools;
    }

    private Template chosen(Conversation conversation) {
        String name = conversation.template();
        if (name == null) {
            boolean called = !conversation.tools().isEmpty() && templates.containsKey(TOOL_USE);
            name = called ? TOOL_USE : TemplateFiles.DEFAULT;
        }
        Template template = templates.get(name);
        if (template == null) {
            throw new IllegalArgumentException(
                    templates.isEmpty()
                            ? "this model has no chat template; ask with a text instead of messages"
                            : "this model has no chat template '%s', it has %s"
                                    .formatted(name, templates.keySet()));
        }
        return template;
    }

    private static JsonObject tagged(ChatMessage last) {
        JsonObject json = last.json().deepCopy();
        if (json.get("content") instanceof JsonArray parts) {
            for (int i = parts.size() - 1; i >= 0; i--) {
                if (parts.get(i) instanceof JsonObject part && part.has("text")) {
                    part.addProperty("text", part.get("text").getAsString() + TAG);
                    return json;
                }
            }
        }
        json.addProperty("content", last.text() + TAG);
        return json;
    }

    /** Cuts a prompt where the last message ends; space that the template trims goes there too. */
    private static String cut(String prompt, ChatMessage last) {
        int at = prompt.lastIndexOf(TAG.strip());
        if (at < 0) {
            throw new IllegalArgumentException(
                    "the template drops the end of the last message, so it cannot be continued");
        }
        String cut = prompt.substring(0, at);
        return prompt.startsWith(TAG, at) ? cut : cut.stripTrailing();
    }
}
