package io.djlnpu.it;

import com.google.gson.Gson;
import com.google.gson.annotations.SerializedName;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * Types of the form of DJL's module genai, whose jar is not on the class path: the same names in
 * JSON, the same static {@code fromJson}.
 */
final class ChatTypes {

    private static final Gson GSON = new Gson();

    private ChatTypes() {}

    /** As {@code ai.djl.genai.openai.ChatInput}. */
    public static final class ChatInput {
        String model = "gemma-3";
        List<Message> messages;

        @SerializedName("max_completion_tokens")
        Integer maxCompletionTokens;

        Boolean logprobs;

        @SerializedName("topLogprobs")
        Integer topLogprobs;

        Integer n;
        Integer seed;
        Float temperature;
        Boolean stream;
        List<Tool> tools;

        @SerializedName("tool_choice")
        Object toolChoice;

        @SerializedName("extra_body")
        Map<String, Object> extraBody;
    }

    /** As {@code ai.djl.genai.openai.Message}. */
    public static final class Message {
        String role;
        Object content;

        @SerializedName("tool_calls")
        List<ToolCall> toolCalls;

        Message(String role, Object content) {
            this.role = role;
            this.content = content;
        }
    }

    /** As {@code ai.djl.genai.openai.Tool}. */
    public static final class Tool {
        String type = "function";
        Map<String, Object> function;
    }

    /** As {@code ai.djl.genai.openai.ToolCall}. */
    public static final class ToolCall {
        String id;
        String type;
        Map<String, String> function;
    }

    /** As {@code ai.djl.genai.openai.Choice} up to DJL 0.33. */
    public static final class Choice {
        int index;
        Message message;
        Message delta;
        LogProbs logprobs;

        @SerializedName("finish_reason")
        String finishReason;
    }

    /** OpenAI's object around the list. */
    public static final class LogProbs {
        List<LogProb> content;
    }

    /** As {@code ai.djl.genai.openai.Logprob}. */
    public static final class LogProb {
        String token;
        float logprob;
        List<Byte> bytes;

        @SerializedName("top_logprobs")
        List<LogProb> topLogprobs;
    }

    /** As {@code ai.djl.genai.openai.ChatOutput}. */
    public static final class ChatOutput {
        String id;
        String model;
        List<Choice> choices;
        Map<String, Integer> usage;

        public static ChatOutput fromJson(String json) {
            return GSON.fromJson(json, ChatOutput.class);
        }
    }

    /** As {@code ai.djl.genai.openai.StreamChatOutput}. */
    public static final class StreamChatOutput implements Iterable<ChatOutput> {
        private final transient Iterator<String> output;

        private StreamChatOutput(Iterator<String> output) {
            this.output = output;
        }

        public static StreamChatOutput fromJson(Iterator<String> output) {
            return new StreamChatOutput(output);
        }

        @Override
        public Iterator<ChatOutput> iterator() {
            return new Iterator<>() {
                @Override
                public boolean hasNext() {
                    return output.hasNext();
                }

                @Override
                public ChatOutput next() {
                    return GSON.fromJson(output.next(), ChatOutput.class);
                }
            };
        }
    }

    /** As {@code ChatOutput} since DJL 0.34, where {@code logprobs} is the bare list. */
    public static final class FlatChatOutput {
        List<FlatChoice> choices;

        public static FlatChatOutput fromJson(String json) {
            return GSON.fromJson(json, FlatChatOutput.class);
        }
    }

    /** As {@code Choice} since DJL 0.34. */
    public static final class FlatChoice {
        Message message;
        List<LogProb> logprobs;
    }

    /** As {@code ai.djl.genai.huggingface.GenerationInput}. */
    public static final class GenerationInput {
        String inputs;
        Map<String, Object> parameters;
    }

    /** As {@code ai.djl.genai.huggingface.GenerationOutput}. */
    public static final class GenerationOutput {
        @SerializedName("generated_text")
        String generatedText;

        Map<String, Object> details;
    }
}
