package io.djlnpu.generate.chat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.djlnpu.generate.chat.ChatMessage.Part;
import io.djlnpu.generate.chat.ChatMessage.Text;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Conversations with functions for templates that have no place for them, in the words that Gemma 3
 * is trained on: functions in the system message, a call as the JSON that the model itself writes,
 * a result as what the user says.
 */
final class ToolWords {

    private static final String INSTRUCTIONS =
            """
            You have access to functions. If you decide to invoke any of the function(s), you MUST put it in the format of
            {"name": function name, "parameters": dictionary of argument name and its value}

            You SHOULD NOT include any other text in the response if you call a function
            """;

    private ToolWords() {}

    /**
     * Tells in words what a template does not know.
     *
     * @param known whether the template mentions a variable, a field or a role
     */
    static Conversation told(Conversation conversation, Predicate<String> known) {
        List<ChatMessage> messages = new ArrayList<>();
        boolean changed = false;
        for (ChatMessage message : conversation.messages()) {
            ChatMessage told = told(message, known);
            changed |=
                    !told.role().equals(message.role())
                            || told.json().size() < message.json().size();
            messages.add(told);
        }
        ToolOffer tools = conversation.tools();
        if (!tools.isEmpty() && !known.test("tools")) {
            announce(tools, messages);
            tools = ToolOffer.NONE;
            changed = true;
        }
        Conversation told = conversation.with(messages, tools);
        return changed ? joined(told) : told;
    }

    private static ChatMessage told(ChatMessage message, Predicate<String> known) {
        return switch (message.role()) {
            case "tool", "function" -> {
                if (known.test(message.role())) {
                    yield message;
                }
                yield known.test("tool")
                        ? message.with("role", new JsonPrimitive("tool"))
                        : result(message);
            }
            case "developer" ->
                    known.test("developer")
                            ? message
                            : message.with("role", new JsonPrimitive("system"));
            default ->
                    message.json().get("tool_calls") instanceof JsonArray calls
                                    && !calls.isEmpty()
                                    && !known.test("tool_calls")
                            ? message.followedBy(List.of(new Text(calls(calls))))
                            : message;
        };
    }

    private static ChatMessage result(ChatMessage message) {
        return ChatMessage.of("user", "```tool_output\n")
                .followedBy(message.parts())
                .followedBy(List.of(new Text("\n```")));
    }

    /** Calls as the model itself writes them. */
    private static String calls(JsonArray calls) {
        StringBuilder text = new StringBuilder();
        for (JsonElement call : calls) {
            JsonObject function = call.getAsJsonObject().getAsJsonObject("function");
            text.append(text.isEmpty() ? "" : "\n")
                    .append("{\"name\": ")
                    .append(function.get("name"))
                    .append(", \"parameters\": ")
                    .append(function.get("arguments"))
                    .append('}');
        }
        return text.toString();
    }

    private static void announce(ToolOffer tools, List<ChatMessage> messages) {
        JsonArray list = new JsonArray();
        tools.functions().forEach(list::add);
        String text = INSTRUCTIONS + list;
        if (!messages.isEmpty() && messages.getFirst().role().equals("system")) {
            List<Part> parts = messages.removeFirst().parts();
            messages.addFirst(ChatMessage.of("system", text + "\n\n").followedBy(parts));
        } else {
            messages.addFirst(ChatMessage.of("system", text));
        }
    }

    /** Makes messages of one side after each other one turn. */
    static Conversation joined(Conversation conversation) {
        List<ChatMessage> turns = new ArrayList<>();
        for (ChatMessage message : conversation.messages()) {
            boolean goesOn = !turns.isEmpty() && joins(turns.getLast(), message);
            String between = message.role().equals("system") ? "\n\n" : "\n";
            turns.add(
                    goesOn
                            ? turns.removeLast()
                                    .followedBy(List.of(new Text(between)))
                                    .followedBy(message.parts())
                            : message);
        }
        return conversation.with(turns, conversation.tools());
    }

    private static boolean joins(ChatMessage turn, ChatMessage next) {
        return turn.role().equals(next.role())
                && !next.role().equals("tool")
                && !turn.json().has("tool_calls")
                && !next.json().has("tool_calls");
    }

    /** Gives results the names of the functions that were called, for templates that need them. */
    static Conversation named(Conversation conversation) {
        Map<String, JsonElement> names = new HashMap<>();
        List<ChatMessage> messages = new ArrayList<>();
        for (ChatMessage message : conversation.messages()) {
            if (message.json().get("tool_calls") instanceof JsonArray calls) {
                calls.forEach(call -> name(call.getAsJsonObject(), names));
            }
            boolean unnamed =
                    message.json().get("tool_call_id") instanceof JsonPrimitive id
                            && !message.json().has("name")
                            && names.containsKey(id.getAsString());
            messages.add(
                    unnamed
                            ? message.with(
                                    "name",
                                    names.get(message.json().get("tool_call_id").getAsString()))
                            : message);
        }
        return conversation.with(messages, conversation.tools());
    }

    private static void name(JsonObject call, Map<String, JsonElement> names) {
        if (call.get("id") instanceof JsonPrimitive id) {
            names.put(id.getAsString(), call.getAsJsonObject("function").get("name"));
        }
    }
}
