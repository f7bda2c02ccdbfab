package io.djlnpu.serve;

import com.google.gson.JsonObject;

/** Tokens of one request: of its prompts, once each, and of all its answers. */
final class Usage {

    private int prompt;
    private int completion;

    /** Adds another answer to the same prompt, in OpenAI's form. */
    void add(JsonObject usage) {
        prompt = Math.max(prompt, usage.get("prompt_tokens").getAsInt());
        completion += usage.get("completion_tokens").getAsInt();
    }

    /** Adds the answers to another prompt. */
    void addPrompt(Usage other) {
        prompt += other.prompt;
        completion += other.completion;
    }

    /** Adds another answer to the same prompt, in DJL Serving's form. */
    void addDetails(JsonObject details) {
        prompt = Math.max(prompt, details.get("prompt_tokens").getAsInt());
        completion += details.get("generated_tokens").getAsInt();
    }

    int prompt() {
        return prompt;
    }

    int completion() {
        return completion;
    }

    JsonObject json() {
        JsonObject json = new JsonObject();
        json.addProperty("prompt_tokens", prompt);
        json.addProperty("completion_tokens", completion);
        json.addProperty("total_tokens", prompt + completion);
        return json;
    }
}
