package io.djlnpu.translate;

import com.google.gson.JsonObject;
import io.djlnpu.engine.TokenStream;
import io.djlnpu.generate.Token;

/** How an answer is written as JSON. */
interface AnswerFormat {

    /** The answer in one piece, complete. */
    JsonObject whole(TokenStream answer);

    /**
     * One token of a streamed answer.
     *
     * @param last whether the answer ends with it; {@code answer} is complete then
     */
    String piece(TokenStream answer, Token token, boolean last);

    /** The media type of a streamed answer. */
    String streamType();
}
