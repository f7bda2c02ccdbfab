package io.djlnpu.encode;

import io.djlnpu.generate.TextWindow;
import io.djlnpu.generate.Tokenizer;
import io.djlnpu.generate.chat.ChatMessage;
import io.djlnpu.generate.chat.ChatTemplate;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The text that errors are measured on: prose, dialogue, code and several languages, some 9,000
 * tokens of Gemma's. Dialogues go through the template of a model that has one.
 */
public final class CalibrationText {

    /** Tokens of a window, {@code <bos>} included. */
    private static final int CONTEXT = 512;

    private static final String RESOURCE = "calibration.txt";

    private CalibrationText() {}

    /**
     * Cuts the text that comes with the engine.
     *
     * @param modelFolder the folder with the model's tokenizer, and its chat template if it has one
     * @param tokenizer the model's tokenizer
     * @param tokens the most tokens of all windows together
     * @return windows, each of which begins with {@code <bos>}
     * @throws IOException if the model's template is malformed
     */
    public static List<int[]> shipped(Path modelFolder, Tokenizer tokenizer, int tokens)
            throws IOException {
        Optional<ChatTemplate> template = template(modelFolder);
        List<int[]> sections = new ArrayList<>();
        for (String section : resource().split("(?m)^== ")) {
            int end = section.indexOf('\n');
            if (end > 0) {
                String text = section.substring(end + 1).strip();
                boolean dialogue = section.startsWith("dialogue") && template.isPresent();
                String shown = dialogue ? template.get().render(messages(text), false) : text;
                sections.add(tokenizer.encode(shown, true));
            }
        }
        return windows(sections, tokens);
    }

    /**
     * Cuts a text.
     *
     * @param text any text
     * @param tokenizer the model's tokenizer
     * @param tokens the most tokens of all windows together
     * @return windows, each of which begins with {@code <bos>}
     */
    public static List<int[]> of(String text, Tokenizer tokenizer, int tokens) {
        return windows(List.of(tokenizer.encode(text, true)), tokens);
    }

    /** Of every section a share, so that a short text has all kinds too. */
    private static List<int[]> windows(List<int[]> sections, int tokens) {
        long all = sections.stream().mapToLong(section -> section.length).sum();
        List<int[]> windows = new ArrayList<>();
        int left = tokens;
        for (int[] section : sections) {
            int share = (int) Math.min(section.length, (long) section.length * tokens / all);
            if (share < 2) {
                continue;
            }
            for (TextWindow window : TextWindow.cut(Arrays.copyOf(section, share), CONTEXT)) {
                if (window.ids().length <= left) {
                    windows.add(window.ids());
                    left -= window.ids().length;
                }
            }
        }
        return windows;
    }

    private static Optional<ChatTemplate> template(Path folder) throws IOException {
        Path settings = folder.resolve("tokenizer_config.json");
        boolean has =
                Files.exists(folder.resolve("chat_template.jinja"))
                        || Files.exists(folder.resolve("chat_template.json"))
                        || Files.exists(settings)
                                && Files.readString(settings).contains("\"chat_template\"");
        return has ? Optional.of(ChatTemplate.open(folder)) : Optional.empty();
    }

    private static List<ChatMessage> messages(String text) {
        List<ChatMessage> messages = new ArrayList<>();
        for (String turn : text.split("(?m)^(?=user: |model: )")) {
            boolean user = turn.startsWith("user: ");
            String words = turn.substring(turn.indexOf(' ') + 1).strip();
            messages.add(ChatMessage.of(user ? "user" : "assistant", words));
        }
        return messages;
    }

    private static String resource() throws IOException {
        try (InputStream in = CalibrationText.class.getResourceAsStream(RESOURCE)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
