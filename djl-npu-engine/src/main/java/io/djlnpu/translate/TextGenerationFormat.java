package io.djlnpu.translate;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.djlnpu.engine.TokenStream;
import io.djlnpu.generate.FinishReason;
import io.djlnpu.generate.Token;
import java.util.List;

/**
 * The form of DJL Serving: {@code generated_text} and {@code details}; one JSON line a token.
 * Several answers are an array, and lines of a stream carry the answer's {@code index} then.
 */
record TextGenerationFormat(String prompt, boolean details, boolean fullText, int n)
        implements AnswerFormat {

    @Override
    public JsonElement whole(List<Answer> answers) {
        if (n == 1) {
            return whole(answers.getFirst());
        }
        JsonArray all = new JsonArray();
        answers.forEach(answer -> all.add(whole(answer)));
        return all;
    }

    private JsonObject whole(Answer answer) {
        JsonObject json = new JsonObject();
        json.addProperty("generated_text", text(answer));
        if (details) {
            JsonObject details = details(answer);
            JsonArray tokens = new JsonArray();
            answer.tokens().forEach(token -> tokens.add(token(token)));
            details.add("tokens", tokens);
            json.add("details", details);
        }
        return json;
    }

    private String text(Answer answer) {
        return (fullText ? prompt : "") + answer.stream().text();
    }

    private static JsonObject details(Answer answer) {
        JsonObject json = new JsonObject();
        json.addProperty("finish_reason", finishReason(answer.stream()));
        json.addProperty("generated_tokens", answer.stream().generatedTokens());
        json.addProperty("prompt_tokens", answer.stream().promptTokens());
        return json;
    }

    private static String finishReason(TokenStream answer) {
        if (answer.finishReason() != FinishReason.STOP) {
            return answer.finishReason().toString();
        }
        return answer.atStopSequence() ? "stop_sequence" : "eos_token";
    }

    private static JsonObject token(Token token) {
        JsonObject json = one(token.id(), token.text(), token.logProb());
        if (!token.likeliest().isEmpty()) {
            JsonArray likeliest = new JsonArray();
            token.likeliest().forEach(t -> likeliest.add(one(t.id(), t.text(), t.logProb())));
            json.add("top_tokens", likeliest);
        }
        return json;
    }

    private static JsonObject one(int id, String text, double logProb) {
        JsonObject json = new JsonObject();
        json.addProperty("id", id);
        json.addProperty("text", text);
        if (!Double.isNaN(logProb)) {
            json.addProperty("log_prob", logProb);
        }
        return json;
    }

    @Override
    public JsonObject piece(Answers.Step step) {
        JsonObject json = new JsonObject();
        if (n > 1) {
            json.addProperty("index", step.answer().index());
        }
        json.add("token", token(step.token()));
        if (step.last()) {
            json.addProperty("generated_text", text(step.answer()));
            json.add("details", details(step.answer()));
        }
        return json;
    }

    @Override
    public String frame(JsonObject piece) {
        return piece + "\n";
    }

    @Override
    public String end() {
        return "";
    }

    @Override
    public String streamType() {
        return "application/jsonlines";
    }
}
