package io.djlnpu.translate;

import com.google.gson.JsonObject;
import io.djlnpu.engine.TokenStream;
import io.djlnpu.generate.Token;

/** The form of DJL Serving: {@code generated_text} and {@code details}; one JSON line a token. */
record TextGenerationFormat(String prompt, boolean details, boolean fullText)
        implements AnswerFormat {

    @Override
    public JsonObject whole(TokenStream answer) {
        JsonObject json = new JsonObject();
        json.addProperty("generated_text", (fullText ? prompt : "") + answer.text());
        if (details) {
            json.add("details", details(answer));
        }
        return json;
    }

    private static JsonObject details(TokenStream answer) {
        JsonObject json = new JsonObject();
        boolean stopped = answer.finishReason().toString().equals("stop");
        json.addProperty("finish_reason", stopped ? "eos_token" : answer.finishReason().toString());
        json.addProperty("generated_tokens", answer.generatedTokens());
        json.addProperty("prompt_tokens", answer.promptTokens());
        return json;
    }

    @Override
    public String piece(TokenStream answer, Token token, boolean last) {
        JsonObject one = new JsonObject();
        one.addProperty("id", token.id());
        one.addProperty("text", token.text());
        if (!Double.isNaN(token.logProb())) {
            one.addProperty("log_prob", token.logProb());
        }
        JsonObject json = new JsonObject();
        json.add("token", one);
        if (last) {
            json.addProperty("generated_text", (fullText ? prompt : "") + answer.text());
            json.add("details", details(answer));
        }
        return json + "\n";
    }

    @Override
    public String streamType() {
        return "application/jsonlines";
    }
}
