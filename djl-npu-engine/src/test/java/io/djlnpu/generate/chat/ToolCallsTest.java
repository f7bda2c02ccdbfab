package io.djlnpu.generate.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ToolCallsTest {

    private static final Set<String> NAMES = Set.of("weather", "now");

    private static ToolCall call(String name, String arguments) {
        return new ToolCall(name, JsonParser.parseString(arguments).getAsJsonObject());
    }

    /** Each family writes the same two calls, behind the same words. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'name': 'weather', 'parameters': {'city': 'Bonn', 'days': 2}}\n{'name': 'now'}",
                "[{'name': 'weather', 'arguments': {'city': 'Bonn', 'days': 2}}, {'name': 'now', 'arguments': {}}]",
                "```json\n[{'name': 'weather', 'arguments': {'city': 'Bonn', 'days': 2}}, {'name': 'now', 'arguments': null}]\n```",
                "<tool_call>\n{'name': 'weather', 'arguments': {'city': 'Bonn', 'days': 2}}\n</tool_call>\n<tool_call>\n{'name': 'now', 'arguments': {}}\n</tool_call>",
                "<|python_tag|>{'name': 'weather', 'parameters': {'city': 'Bonn', 'days': 2}}; {'name': 'now', 'parameters': {}}",
                "[TOOL_CALLS] [{'name': 'weather', 'arguments': {'city': 'Bonn', 'days': 2}, 'id': 'a'}, {'name': 'now', 'arguments': {}}]",
                "[TOOL_CALLS]weather[ARGS]{'city': 'Bonn', 'days': 2}[TOOL_CALLS]now[ARGS]{}",
                "[weather(city='Bonn', days=2), now()]",
                "<|python_start|>[weather(city='Bonn', days=2), now()]<|python_end|>",
                "<start_function_call>call:weather{city:<escape>Bonn<escape>,days:2}<end_function_call><start_function_call>call:now{}<end_function_call>",
                "<|tool_call>call:weather{city:<|\"|>Bonn<|\"|>,days:2}<tool_call|><|tool_call>call:now{}<tool_call|>",
                "call:weather{city:Bonn,days:2}call:now{}"
            })
    void readsEveryFamilysCalls(String written) {
        String answer = "Let me see.\n" + written.replace('\'', '"');
        ToolCalls read = ToolCalls.read(answer, NAMES);
        assertThat(read.calls())
                .containsExactly(
                        call("weather", "{\"city\": \"Bonn\", \"days\": 2}"), call("now", "{}"));
        assertThat(read.words()).isEqualTo("Let me see.\n");
    }

    @Test
    void readsNestedArguments() {
        ToolCalls read =
                ToolCalls.read("[weather(a=[1, -2.5, {'k': None}], b=True, c='it\\'s')]", NAMES);
        assertThat(read.calls())
                .containsExactly(
                        call(
                                "weather",
                                "{\"a\": [1, -2.5, {\"k\": null}], \"b\": true, \"c\": \"it's\"}"));
        read =
                ToolCalls.read(
                        "call:weather{a:[<escape>x, y<escape>,1],b:{k:true,<escape>q r<escape>:null}}",
                        NAMES);
        assertThat(read.calls())
                .containsExactly(
                        call(
                                "weather",
                                "{\"a\": [\"x, y\", 1], \"b\": {\"k\": true, \"q r\": null}}"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Use weather(city='x') or [tides()] and {\"name\": \"tides\"} call:tides{}",
                "{\"name\": \"weather\", \"parameters\": 3}",
                "{\"name\": \"weather\", \"parameters\": {",
                "[weather(city=",
                "[weather(city=x)]",
                "call:weather{city:<escape>x",
                "[TOOL_CALLS]weather[ARGS]",
                "recall:weather{}",
                "[[[[{{{{"
            })
    void leavesWordsAlone(String answer) {
        ToolCalls read = ToolCalls.read(answer, NAMES);
        assertThat(read.calls()).isEmpty();
        assertThat(read.words()).isEqualTo(answer);
    }

    @Test
    void keepsWordsBehindACall() {
        ToolCalls read = ToolCalls.read("<tool_call>{\"name\": \"now\"}</tool_call>\nDone.", NAMES);
        assertThat(read.calls()).hasSize(1);
        assertThat(read.words()).isEqualTo("Done.");
    }
}
