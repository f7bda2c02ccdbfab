package io.djlnpu.translate;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import io.djlnpu.generate.Token;
import io.djlnpu.generate.Token.Likelihood;
import io.djlnpu.generate.chat.ToolCall;
import io.djlnpu.generate.chat.ToolCalls;
import io.djlnpu.generate.chat.ToolOffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * The form of OpenAI's chat completions; streamed as server-sent events. An answer that calls an
 * offered function comes as {@code tool_calls}; its text is held back in a stream.
 */
final class ChatCompletionFormat implements AnswerFormat {

    private final String model;
    private final String prefix;
    private final ToolOffer tools;
    private final boolean logProbs;
    private final String id = "chatcmpl-" + UUID.randomUUID();
    private final long created = System.currentTimeMillis() / 1000;
    private final Map<Integer, HeldText> held = new HashMap<>();

    /**
     * @param prefix what stands before each answer, for requests that want the message that it
     *     continues repeated
     */
    ChatCompletionFormat(String model, ToolOffer tools, boolean logProbs, String prefix) {
        this.prefix = prefix;
        this.model = model;
        this.tools = tools;
        this.logProbs = logProbs;
    }

    @Override
    public JsonElement whole(List<Answer> answers) {
        JsonArray choices = new JsonArray();
        for (Answer answer : answers) {
            ToolCalls read = tools.read(answer.stream().text());
            List<ToolCall> calls = read.calls();
            boolean silent = !calls.isEmpty() && read.words().isBlank();
            JsonObject message = new JsonObject();
            message.addProperty("role", "assistant");
            message.addProperty("content", silent ? null : prefix + read.words());
            addCalls(message, calls);
            JsonObject choice = choice(answer, "message", message, answer.tokens());
            choice.addProperty("finish_reason", finishReason(answer, calls));
            choices.add(choice);
        }
        JsonObject json = head("chat.completion", choices);
        json.add("usage", usage(answers));
        if (!tools.refused().isEmpty()) {
            JsonArray warnings = new JsonArray();
            tools.refused().forEach(warnings::add);
            json.add("warnings", warnings);
        }
        return json;
    }

    private static void addCalls(JsonObject message, List<ToolCall> calls) {
        if (calls.isEmpty()) {
            return;
        }
        JsonArray list = new JsonArray();
        for (ToolCall call : calls) {
            JsonObject function = new JsonObject();
            function.addProperty("name", call.name());
            function.addProperty("arguments", call.arguments().toString());
            JsonObject json = new JsonObject();
            json.addProperty("index", list.size());
            json.addProperty("id", "call_" + UUID.randomUUID());
            json.addProperty("type", "function");
            json.add("function", function);
            list.add(json);
        }
        message.add("tool_calls", list);
    }

    private static String finishReason(Answer answer, List<ToolCall> calls) {
        return calls.isEmpty() ? answer.stream().finishReason().toString() : "tool_calls";
    }

    @Override
    public JsonObject piece(Answers.Step step) {
        Answer answer = step.answer();
        HeldText text = held.computeIfAbsent(answer.index(), i -> new HeldText(!tools.isEmpty()));
        JsonObject delta = new JsonObject();
        delta.addProperty("role", "assistant");
        String shown = (text.isNew() ? prefix : "") + text.append(step.token().text());
        List<ToolCall> calls = List.of();
        if (step.last()) {
            ToolCalls read = tools.read(answer.stream().text());
            calls = read.calls();
            shown += calls.isEmpty() ? text.rest() : text.after(read.words());
        }
        delta.addProperty("content", shown);
        addCalls(delta, calls);
        JsonObject choice = choice(answer, "delta", delta, List.of(step.token()));
        JsonArray choices = new JsonArray();
        choices.add(choice);
        JsonObject json = head("chat.completion.chunk", choices);
        if (step.last()) {
            choice.addProperty("finish_reason", finishReason(answer, calls));
            json.add("usage", usage(List.of(answer)));
        } else {
            choice.add("finish_reason", JsonNull.INSTANCE);
        }
        return json;
    }

    @Override
    public String frame(JsonObject piece) {
        return "data: " + piece + "\n\n";
    }

    @Override
    public String end() {
        return "data: [DONE]\n\n";
    }

    @Override
    public String streamType() {
        return "text/event-stream";
    }

    private JsonObject head(String object, JsonArray choices) {
        JsonObject json = new JsonObject();
        json.addProperty("id", id);
        json.addProperty("object", object);
        json.addProperty("created", created);
        json.addProperty("model", model);
        json.add("choices", choices);
        return json;
    }

    private JsonObject choice(Answer answer, String name, JsonObject message, List<Token> tokens) {
        JsonObject choice = new JsonObject();
        choice.addProperty("index", answer.index());
        choice.add(name, message);
        if (logProbs) {
            JsonArray content = new JsonArray();
            tokens.forEach(token -> content.add(logProb(token)));
            JsonObject all = new JsonObject();
            all.add("content", content);
            choice.add("logprobs", all);
        }
        return choice;
    }

    private static JsonObject logProb(Token token) {
        JsonObject json = logProb(token.own().orElseThrow());
        JsonArray likeliest = new JsonArray();
        token.likeliest().forEach(other -> likeliest.add(logProb(other)));
        json.add("top_logprobs", likeliest);
        return json;
    }

    private static JsonObject logProb(Likelihood token) {
        JsonArray bytes = new JsonArray();
        token.bytes().forEach(bytes::add);
        JsonObject json = new JsonObject();
        json.addProperty("token", token.text());
        json.addProperty("logprob", token.logProb());
        json.add("bytes", bytes);
        return json;
    }

    private static JsonObject usage(List<Answer> answers) {
        int prompt = answers.getFirst().stream().promptTokens();
        int completion = answers.stream().mapToInt(a -> a.stream().generatedTokens()).sum();
        JsonObject usage = new JsonObject();
        usage.addProperty("prompt_tokens", prompt);
        usage.addProperty("completion_tokens", completion);
        usage.addProperty("total_tokens", prompt + completion);
        return usage;
    }
}
