package io.djlnpu.translate;

import io.djlnpu.engine.TokenStream;
import io.djlnpu.generate.Token;
import java.util.ArrayList;
import java.util.List;

/** One answer of a request, with the tokens that it has so far. */
final class Answer {

    private final int index;
    private final TokenStream stream;
    private final List<Token> tokens = new ArrayList<>();

    /**
     * @param index its place among the answers to the request
     */
    Answer(int index, TokenStream stream) {
        this.index = index;
        this.stream = stream;
    }

    int index() {
        return index;
    }

    TokenStream stream() {
        return stream;
    }

    List<Token> tokens() {
        return tokens;
    }

    boolean hasNext() {
        return stream.hasNext();
    }

    Token next() {
        Token token = stream.nextToken();
        tokens.add(token);
        return token;
    }
}
