package io.djlnpu.translate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.djlnpu.generate.chat.ChatMessage;
import io.djlnpu.generate.chat.ChatTemplate;
import io.djlnpu.generate.chat.ToolOffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChatMessagesTest {

    private static final String WEATHER =
            "{'type': 'function', 'function': {'name': 'weather', 'description': 'Says it.',"
                    + " 'parameters': {'type': 'object', 'properties': {'city': {'type':"
                    + " 'string'}}}}}";

    private static JsonObject json(String text) {
        return JsonParser.parseString(text.replace('\'', '"')).getAsJsonObject();
    }

    @Test
    void aCallAndItsResultBecomeTurnsThatTheTemplateKnows() {
        JsonObject request =
                json(
                        "{'messages': [{'role': 'system', 'content': 'Be brief.'},"
                                + " {'role': 'user', 'content': 'Weather in Bonn?'},"
                                + " {'role': 'assistant', 'content': null, 'tool_calls': [{'id': 'a',"
                                + " 'type': 'function', 'function': {'name': 'weather', 'arguments':"
                                + " '{}'}}]}, {'role': 'tool', 'tool_call_id': 'a', 'content': 'rain'},"
                                + " {'role': 'tool', 'tool_call_id': 'b', 'content': 'sun'}],"
                                + " 'tools': ["
                                + WEATHER
                                + "]}");
        String prompt = prompt(request);
        assertThat(prompt)
                .startsWith("<bos><start_of_turn>user\nYou have access to functions")
                .contains("\"name\":\"weather\"", "]\n\nBe brief.\n\nWeather in Bonn?")
                .contains(
                        "<start_of_turn>model\n{\"name\": \"weather\", \"parameters\": {}}<end_of_turn>\n")
                .endsWith(
                        "<start_of_turn>user\n```tool_output\nrain\n```\n```tool_output\nsun\n```<end_of_turn>\n<start_of_turn>model\n");
    }

    private static String prompt(JsonObject request) {
        return ChatTemplate.gemma3()
                .prompt(
                        ChatMessages.conversation(
                                request,
                                request.get("messages"),
                                ChatMessages.tools(request),
                                part -> {}));
    }

    @Test
    void findsCallsOfOfferedFunctionsOnly() {
        ToolOffer tools = ChatMessages.tools(json("{'tools': [" + WEATHER + "]}"));
        String calls = "{'name': 'weather', 'parameters': {'city': 'Bonn'}}".replace('\'', '"');
        assertThat(tools.read(calls).calls()).hasSize(1);
        assertThat(tools.read(calls.replace("weather", "tides")).calls()).isEmpty();
        assertThat(ChatMessages.tools(json("{}")).read(calls).calls()).isEmpty();
        JsonObject forbidden = json("{'tools': [" + WEATHER + "], 'tool_choice': 'none'}");
        assertThat(ChatMessages.tools(forbidden).isEmpty()).isTrue();
    }

    @Test
    void aStreamHoldsBackWhatMayBeACall() {
        HeldText text = new HeldText(true);
        assertThat(text.append("Let me ")).isEqualTo("Let me ");
        assertThat(text.append("see {\"na")).isEqualTo("see ");
        assertThat(text.append("me\" and on")).isEmpty();
        assertThat(text.rest()).isEqualTo("{\"name\" and on");
        assertThat(new HeldText(false).append("{")).isEqualTo("{");
    }

    private static List<ChatMessage> read(String messages) {
        return ChatMessages.read(json("{'m': " + messages + "}").get("m"), part -> {});
    }

    @Test
    void turnsThatOtherServersTakeAreTaken() {
        String prompt =
                prompt(
                        json(
                                "{'messages': [{'role': 'developer', 'content': 'Be brief.'}, {'role': 'system', 'content':"
                                        + " 'Be nice.'}, {'role': 'user', 'content': 'Weather?'}, {'role':"
                                        + " 'assistant', 'content': null, 'tool_calls': [{'function': {'name':"
                                        + " 'weather', 'arguments': {'a': 1}}}]}, {'role': 'tool', 'content':"
                                        + " 'sun'}, {'role': 'user', 'content': 'And tomorrow?'}]}"));
        assertThat(prompt)
                .isEqualTo(
                        """
                        <bos><start_of_turn>user
                        Be brief.

                        Be nice.

                        Weather?<end_of_turn>
                        <start_of_turn>model
                        {"name": "weather", "parameters": {"a":1}}<end_of_turn>
                        <start_of_turn>user
                        ```tool_output
                        sun
                        ```
                        And tomorrow?<end_of_turn>
                        <start_of_turn>model
                        """);
    }

    @Test
    void picturesStayWhereTheyStandAmongTheWords() {
        JsonObject request =
                json(
                        "{'messages': [{'role': 'user', 'content': 'one'}, {'role': 'user', 'content': [{'type':"
                                + " 'text', 'text': 'two'}, {'type': 'image', 'image': 'x'}, {'type':"
                                + " 'text', 'text': 'three'}]}]}");
        assertThat(prompt(request)).contains("user\none\ntwo<start_of_image>three<end_of_turn>");
    }

    @Test
    void namesTheMessageThatIsWrong() {
        String good = "{'role': 'user', 'content': 'a'}, ";
        assertThatThrownBy(() -> read("[" + good + "{'role': 'assistant'}]"))
                .hasMessage("messages[1], role 'assistant': without content");
        assertThatThrownBy(() -> read("[" + good + "{'role': 'tool', 'content': [3]}]"))
                .hasMessageContaining("messages[1], role 'tool'");
        assertThatThrownBy(() -> read("[" + good + "'hi']")).hasMessageContaining("messages[1]");
        assertThatThrownBy(() -> read("[]")).hasMessageContaining("at least one");
        assertThatThrownBy(() -> read("'hi'")).hasMessageContaining("no list");
    }

    @Test
    void aChoiceWithoutANameIsRefused() {
        ToolOffer tools = ChatMessages.tools(json("{'tools': [" + WEATHER + "]}"));
        for (String choice : List.of("{'type': 'function'}", "{'function': {}}")) {
            assertThatThrownBy(
                            () -> AnswerForm.ofCall(json("{'tool_choice': " + choice + "}"), tools))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("tool_choice");
        }
    }

    @Test
    void aStreamLetsGoOfWhatIsNoCall() {
        HeldText text = new HeldText(true);
        assertThat(text.append("Use `x[")).isEqualTo("Use `x");
        assertThat(text.append("0]` or {")).isEqualTo("[0]` or ");
        assertThat(text.append("a}")).isEqualTo("{a}");
        assertThat(text.append(" or {\"a\": {\"b\"")).isEqualTo(" or ");
        assertThat(text.append(": 1}} and ``")).isEqualTo("{\"a\": {\"b\": 1}} and ");
        assertThat(text.append("`json\n{\"name\": \"f\", \"parameters\": {}}\n```")).isEmpty();
        assertThat(text.rest()).startsWith("```json");
    }

    @Test
    void saysWhatIsWrong() {
        for (String messages :
                List.of(
                        "{'m': 3}",
                        "{'m': [3]}",
                        "{'m': [{'role': 'user'}]}",
                        "{'m': [{'content': 'a'}]}",
                        "{'m': [{'role': 'user', 'content': [{'type': 'text'}]}]}")) {
            assertThatThrownBy(() -> ChatMessages.read(json(messages).get("m"), part -> {}))
                    .as(messages)
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> ChatMessages.tools(json("{'tools': 3}")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("tools");
    }

    @Test
    void aBadToolIsNotOfferedAndTheOthersAre() {
        ToolOffer tools =
                ChatMessages.tools(
                        json(
                                "{'tools': [{'type': 'function'}, "
                                        + WEATHER
                                        + ", {'type': 'retrieval'}, {'function': {'name': 'x', 'parameters': 3}}]}"));
        assertThat(tools.functions()).hasSize(1);
        assertThat(tools.refused())
                .containsExactly(
                        "tools[0] is not offered: no object 'function'",
                        "tools[2] is not offered: type \"retrieval\", expected \"function\"",
                        "tools[3] is not offered: function 'x': 'parameters' is no JSON schema");
    }

    @Test
    void aChoiceIsOneOfFour() {
        String offer = "{'tools': [" + WEATHER + "], 'tool_choice': ";
        for (String choice :
                List.of("null", "'auto'", "'required'", "{'function': {'name': 'weather'}}")) {
            assertThat(ChatMessages.tools(json(offer + choice + "}")).isEmpty()).isFalse();
        }
        for (String choice :
                List.of("'any'", "3", "[]", "{}", "{'function': {'name': 'tides'}}", "true")) {
            assertThatThrownBy(() -> ChatMessages.tools(json(offer + choice + "}")))
                    .as(choice)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("tool_choice");
        }
        assertThatThrownBy(() -> ChatMessages.tools(json("{'tool_choice': 'required'}")))
                .hasMessageContaining("without a function");
    }

    @Test
    void picturesAreHandedOutInOrder() {
        List<String> pictures = new ArrayList<>();
        List<ChatMessage> messages =
                ChatMessages.read(
                        json("{'m': [{'role': 'user', 'content': [{'type': 'image_url', 'image_url': {'url':"
                                        + " 'a'}}, {'type': 'text', 'text': 'one'}, {'type': 'image_url',"
                                        + " 'image_url': 'b'}]}, {'role': 'tool', 'content': [{'type': 'image',"
                                        + " 'image': 'c'}, {'type': 'text', 'text': 'two'}]}]}")
                                .get("m"),
                        part -> pictures.add(part.toString().replaceAll(".*\"([abc])\".*", "$1")));
        assertThat(pictures).containsExactly("a", "b", "c");
        assertThat(messages).extracting(ChatMessage::images).containsExactly(2, 1);
        assertThat(messages).extracting(ChatMessage::text).containsExactly("one", "two");
    }
}
