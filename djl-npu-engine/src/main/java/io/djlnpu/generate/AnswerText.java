package io.djlnpu.generate;

/** The text of an answer: whole characters, without stop sequences. */
final class AnswerText {

    private final TextStream stream;
    private final StopSequences stop;
    private final StringBuilder shown = new StringBuilder();

    AnswerText(Tokenizer tokenizer, GenerationConfig config) {
        stream = new TextStream(tokenizer, config.skipSpecialTokens());
        stop = new StopSequences(config.stop());
    }

    /** Appends a token and returns the text that may be shown now. */
    String append(int id) {
        return show(stop.append(stream.append(id)));
    }

    boolean stopped() {
        return stop.found();
    }

    /** Returns what is left, at the end. */
    String finish() {
        return stop.found() ? "" : show(stop.append(stream.finish()) + stop.finish());
    }

    private String show(String text) {
        shown.append(text);
        return text;
    }

    @Override
    public String toString() {
        return shown.toString();
    }
}
