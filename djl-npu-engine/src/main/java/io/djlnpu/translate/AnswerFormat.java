package io.djlnpu.translate;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.List;

/** How the answers to one request are written as JSON. */
interface AnswerFormat {

    /** The answers in one piece, complete. */
    JsonElement whole(List<Answer> answers);

    /** One token of a streamed answer; its answer is complete if it is the last. */
    JsonObject piece(Answers.Step step);

    /** Writes a piece as it travels. */
    String frame(JsonObject piece);

    /** What follows the last piece. */
    String end();

    /** The media type of a streamed answer. */
    String streamType();
}
