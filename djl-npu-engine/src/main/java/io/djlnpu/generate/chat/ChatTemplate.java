package io.djlnpu.generate.chat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.hubspot.jinjava.Jinjava;
import com.hubspot.jinjava.JinjavaConfig;
import com.hubspot.jinjava.LegacyOverrides;
import com.hubspot.jinjava.interpret.RenderResult;
import com.hubspot.jinjava.interpret.TemplateError;
import com.hubspot.jinjava.lib.fn.ELFunctionDefinition;
import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import io.djlnpu.generate.JsonFiles;
import io.djlnpu.generate.chat.ChatMessage.Part;
import io.djlnpu.generate.chat.ChatMessage.Text;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A model's own Jinja template, which turns a conversation into the text of a prompt. Words of a
 * message are never read as template. Safe for many threads.
 *
 * <p>Looked for, in this order: {@code chat_template.jinja}; {@code chat_template.json}; {@code
 * chat_template} in {@code tokenizer_config.json}. A folder without any gets Gemma 3's form, which
 * all its sizes share.
 */
public final class ChatTemplate {

    private static final long MAX_PROMPT_CHARS = 64L << 20;

    private static final Jinjava JINJAVA = jinjava();

    private final String source;
    private final String origin;

    private ChatTemplate(String source, String origin) {
        this.source = source;
        this.origin = origin;
    }

    private static Jinjava jinjava() {
        Jinjava jinjava =
                new Jinjava(
                        JinjavaConfig.newBuilder()
                                .withTrimBlocks(true)
                                .withLstripBlocks(true)
                                .withNestedInterpretationEnabled(false)
                                .withMaxOutputSize(MAX_PROMPT_CHARS)
                                .withLegacyOverrides(
                                        LegacyOverrides.newBuilder()
                                                .withEvaluateMapKeys(true)
                                                .withIterateOverMapKeys(true)
                                                .withUseNaturalOperatorPrecedence(true)
                                                .build())
                                .build());
        jinjava.getGlobalContext()
                .registerFunction(
                        new ELFunctionDefinition(
                                "", "raise_exception", ChatTemplate.class, "refuse", String.class));
        return jinjava;
    }

    /**
     * What a template calls when it cannot render a conversation.
     *
     * @param message why
     * @return never
     * @throws IllegalArgumentException always
     */
    public static String refuse(String message) {
        throw new IllegalArgumentException(message);
    }

    /**
     * Opens a model's template.
     *
     * @param modelFolder the model's folder
     * @return its template
     * @throws IOException if a file that should hold it is malformed
     */
    public static ChatTemplate open(Path modelFolder) throws IOException {
        Path plain = modelFolder.resolve("chat_template.jinja");
        Optional<String> text = JsonFiles.text(plain);
        if (text.isPresent()) {
            return new ChatTemplate(text.get(), plain.getFileName().toString());
        }
        for (String name : List.of("chat_template.json", "tokenizer_config.json")) {
            Path file = modelFolder.resolve(name);
            Optional<JsonObject> json = JsonFiles.object(file);
            if (json.isPresent() && json.get().has("chat_template")) {
                return new ChatTemplate(entry(json.get().get("chat_template"), file), name);
            }
        }
        return gemma3();
    }

    /** The value is the template, or a list of named ones of which one is the default. */
    private static String entry(JsonElement value, Path file) throws ModelFormatException {
        if (value.isJsonPrimitive()) {
            return value.getAsString();
        }
        if (value.isJsonArray()) {
            for (JsonElement named : value.getAsJsonArray()) {
                if (named instanceof JsonObject object
                        && object.get("name") instanceof JsonElement name
                        && name.isJsonPrimitive()
                        && name.getAsString().equals("default")
                        && object.get("template") instanceof JsonElement template
                        && template.isJsonPrimitive()) {
                    return template.getAsString();
                }
            }
        }
        throw new ModelFormatException(
                Code.MALFORMED,
                file
                        + ": 'chat_template' is neither a text nor a list with one named"
                        + " 'default'; take the file from where the model came from");
    }

    /**
     * Returns Gemma 3's form.
     *
     * @return the template that every size of the family is trained on
     */
    public static ChatTemplate gemma3() {
        try (InputStream in = ChatTemplate.class.getResourceAsStream("gemma3.jinja")) {
            return new ChatTemplate(
                    new String(in.readAllBytes(), StandardCharsets.UTF_8), "Gemma 3's template");
        } catch (IOException e) {
            throw new IllegalStateException("gemma3.jinja is not readable in the jar", e);
        }
    }

    /**
     * Turns a conversation into a prompt, {@code <bos>} included.
     *
     * @param messages the conversation
     * @param addGenerationPrompt whether the prompt ends with the beginning of an answer
     * @return the text
     * @throws IllegalArgumentException if the template refuses the conversation, such as roles that
     *     do not alternate, or cannot be run
     */
    public String render(List<ChatMessage> messages, boolean addGenerationPrompt) {
        RenderResult result =
                JINJAVA.renderForResult(
                        source,
                        Map.of(
                                "messages",
                                messages.stream().map(ChatTemplate::values).toList(),
                                "add_generation_prompt",
                                addGenerationPrompt,
                                "bos_token",
                                "<bos>",
                                "eos_token",
                                "<eos>"));
        if (result.hasErrors()) {
            throw new IllegalArgumentException(
                    origin
                            + ": "
                            + result.getErrors().stream()
                                    .map(ChatTemplate::reason)
                                    .collect(Collectors.joining("; ")));
        }
        return result.getOutput();
    }

    private static String reason(TemplateError error) {
        for (Throwable at = error.getException(); at != null; at = at.getCause()) {
            if (at instanceof IllegalArgumentException && at.getCause() == null) {
                return at.getMessage();
            }
        }
        return error.getMessage();
    }

    private static Map<String, Object> values(ChatMessage message) {
        boolean plain = message.parts().stream().allMatch(Text.class::isInstance);
        return Map.of(
                "role",
                message.role(),
                "content",
                plain && message.parts().size() <= 1
                        ? message.text()
                        : message.parts().stream().map(ChatTemplate::values).toList());
    }

    private static Map<String, Object> values(Part part) {
        return part instanceof Text words
                ? Map.of("type", "text", "text", words.text())
                : Map.of("type", "image");
    }
}
