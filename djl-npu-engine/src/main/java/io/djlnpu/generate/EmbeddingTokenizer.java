package io.djlnpu.generate;

import io.djlnpu.bundle.DecoderSpec;
import java.util.Arrays;
import java.util.Map;

/** From texts to the tokens that an embedding model embeds. Safe for many threads. */
public final class EmbeddingTokenizer {

    private final Map<String, String> prompts;
    private final int maxTokens;
    private final Tokenizer tokenizer;

    /**
     * Makes the tokens of a model.
     *
     * @param spec the model, which makes embeddings
     * @param maxTokens the longest text
     * @param tokenizer its tokenizer
     */
    public EmbeddingTokenizer(DecoderSpec spec, int maxTokens, Tokenizer tokenizer) {
        prompts = spec.embedding().orElseThrow().prompts();
        this.maxTokens = maxTokens;
        this.tokenizer = tokenizer;
    }

    /**
     * Turns a text into tokens. White space at the ends of prompt and text together is left out.
     *
     * @param text any text
     * @param promptKind whose prompt is put before it; empty for none
     * @param truncate whether a text that is too long is cut; else it is refused later
     * @return ids with all that the model expects around them
     * @throws IllegalArgumentException if the model knows no such prompt
     */
    public int[] encode(String text, String promptKind, boolean truncate) {
        // as sentence-transformers does, which the models were trained with
        int[] ids = tokenizer.encodeWhole((prompt(promptKind) + text).strip());
        return truncate ? cut(ids, maxTokens) : ids;
    }

    private String prompt(String kind) {
        if (kind.isEmpty()) {
            return "";
        }
        String prompt = prompts.get(kind);
        if (prompt == null) {
            throw new IllegalArgumentException(
                    "prompt kind '%s'; this model knows %s"
                            .formatted(kind, prompts.isEmpty() ? "none" : prompts.keySet()));
        }
        return prompt;
    }

    /**
     * Cuts a text. It keeps its last token, which ends the text for the model.
     *
     * @param ids token ids
     * @param most how many may be left
     * @return the ids, or fewer
     */
    public static int[] cut(int[] ids, int most) {
        if (ids.length <= most) {
            return ids;
        }
        int[] kept = Arrays.copyOf(ids, most);
        kept[most - 1] = ids[ids.length - 1];
        return kept;
    }
}
