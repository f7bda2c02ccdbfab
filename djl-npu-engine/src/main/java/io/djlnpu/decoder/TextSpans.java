package io.djlnpu.decoder;

/**
 * Of each token of a chunk the keys that belong together with it, whatever the rule of its layer:
 * its text's, which are the most that it may see, and its image's, which are the least. A token of
 * text is an image of its own.
 */
final class TextSpans {

    private final int[] textFirst;
    private final int[] textEnd;
    private final int[] imageFirst;
    private final int[] imageEnd;
    private int position;

    TextSpans(int capacity) {
        textFirst = new int[capacity];
        textEnd = new int[capacity];
        imageFirst = new int[capacity];
        imageEnd = new int[capacity];
    }

    /** Takes the tokens of a prompt from {@code from} on, whose first comes to a position. */
    void show(int chunkPosition, PromptChunks prompt, int from, int tokens) {
        position = chunkPosition;
        for (int t = 0; t < tokens; t++) {
            ImageSpan image = prompt.at(from + t);
            imageFirst[t] = chunkPosition + (image == null ? t : image.start() - from);
            imageEnd[t] = chunkPosition + (image == null ? t + 1 : image.end() - from);
            textFirst[t] = 0;
            textEnd[t] = chunkPosition + tokens;
        }
    }

    /** Takes a text of its own, whose tokens have these rows and positions. */
    void showText(int first, int end) {
        position = 0;
        for (int t = first; t < end; t++) {
            imageFirst[t] = t;
            imageEnd[t] = t + 1;
            textFirst[t] = first;
            textEnd[t] = end;
        }
    }

    int position(int token) {
        return position + token;
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
