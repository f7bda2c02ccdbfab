package io.djlnpu.decoder;

import java.util.Arrays;

/**
 * Of each token of a chunk the keys that belong together with it, whatever the rule of its layer:
 * its text's, which are the most that it may see, and its image's, which are the least. A token of
 * text is an image of its own.
 */
final class TextSpans {

    private final Chunk chunk;
    private final int[] textFirst;
    private final int[] textEnd;
    private final int[] imageFirst;
    private final int[] imageEnd;

    TextSpans(Chunk chunk, int capacity) {
        this.chunk = chunk;
        textFirst = new int[capacity];
        textEnd = new int[capacity];
        imageFirst = new int[capacity];
        imageEnd = new int[capacity];
    }

    /** Takes the tokens of a prompt from {@code from} on, whose first comes to a position. */
    void show(int position, PromptChunks prompt, int from, int tokens) {
        for (int t = 0; t < tokens; t++) {
            ImageSpan image = prompt.at(from + t);
            imageFirst[t] = position + (image == null ? t : image.start() - from);
            imageEnd[t] = position + (image == null ? t + 1 : image.end() - from);
        }
        Arrays.fill(textFirst, 0, tokens, 0);
        Arrays.fill(textEnd, 0, tokens, position + tokens);
    }

    /** Takes a text whose tokens are those of the chunk from {@code from} to {@code end}. */
    void showText(int from, int end) {
        for (int t = from; t < end; t++) {
            imageFirst[t] = chunk.slot(t);
            imageEnd[t] = chunk.slot(t) + 1;
        }
        Arrays.fill(textFirst, from, end, chunk.slot(from));
        Arrays.fill(textEnd, from, end, chunk.slot(end - 1) + 1);
    }

    int slot(int token) {
        return chunk.slot(token);
    }

    int textFirst(int token) {
        return textFirst[token];
    }

    int textEnd(int token) {
        return textEnd[token];
    }

    int imageFirst(int token) {
        return imageFirst[token];
    }

    int imageEnd(int token) {
        return imageEnd[token];
    }
}
