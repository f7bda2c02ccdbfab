package io.djlnpu.generate.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import org.junit.jupiter.api.Test;

class ToolCallTest {

    private static ToolCall call(String name, String arguments) {
        return new ToolCall(name, JsonParser.parseString(arguments).getAsJsonObject());
    }

    @Test
    void findsCallsBareFencedAndListed() {
        ToolCall weather = call("weather", "{\"city\": \"Bonn } {\", \"days\": 2}");
        String json = "{\"name\": \"weather\", \"parameters\": {\"city\":\"Bonn } {\",\"days\":2}}";
        assertThat(ToolCall.parse(json)).containsExactly(weather);
        assertThat(ToolCall.parse("Let me look.\n```json\n" + json + "\n```"))
                .containsExactly(weather);
        assertThat(ToolCall.parse("[" + json + ", " + json.replace("weather", "tides") + "]"))
                .containsExactly(weather, new ToolCall("tides", weather.arguments()));
        assertThat(ToolCall.parse("{\"tool\": " + json.replace("parameters", "arguments") + "}"))
                .containsExactly(weather);
    }

    @Test
    void leavesWordsAlone() {
        assertThat(ToolCall.parse("Braces {like these} are {\"name\": \"no call\"}")).isEmpty();
        assertThat(ToolCall.parse("{\"name\": 7, \"parameters\": {}}")).isEmpty();
        assertThat(ToolCall.parse("{\"name\": \"cut\", \"parameters\": {")).isEmpty();
        assertThat(ToolCall.parse("{".repeat(2_000))).isEmpty();
    }
}
