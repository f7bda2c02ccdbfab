package io.djlnpu.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers that keep to a form, whatever the model would rather say; judged by another library. */
class StructuredOutputIT {

    private static final Gson STRICT = new Gson();

    @TempDir static Path cache;
    private static ServingModel model;

    @BeforeAll
    static void setUp() throws Exception {
        model = new ServingModel(cache);
    }

    @AfterAll
    static void tearDown() throws Exception {
        model.close();
    }

    private static String content(String parameters) throws Exception {
        JsonElement answer =
                model.ask(
                        "{'messages': [{'role': 'user', 'content': 'Tell me a story.'}], "
                                + parameters
                                + "}");
        return choice(answer).get("message").getAsJsonObject().get("content").getAsString();
    }

    private static JsonObject choice(JsonElement answer) {
        return answer.getAsJsonObject().getAsJsonArray("choices").get(0).getAsJsonObject();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'type':'object','properties':{'title':{'type':'string','maxLength':30},"
                        + "'animals':{'type':'array','items':{'enum':['fox','bear','owl']},"
                        + "'minItems':1,'maxItems':3},'pages':{'type':'integer','minimum':1,"
                        + "'maximum':250},'sad':{'type':'boolean'},'price':{'type':'number'}},"
                        + "'required':['title','pages'],'additionalProperties':false}",
                "{'type':'array','items':{'anyOf':[{'type':'integer'},{'type':'null'},"
                        + "{'type':'string','pattern':'^[a-z]+$'}]},'minItems':2}",
                "{'$defs':{'node':{'type':'object','properties':{'name':{'type':'string'},"
                        + "'children':{'type':'array','items':{'$ref':'#/$defs/node'}}},"
                        + "'required':['name','children'],'additionalProperties':false}},"
                        + "'$ref':'#/$defs/node'}",
                "{'type':'object','properties':{'born':{'type':'string','format':'date'},"
                        + "'id':{'type':'string','format':'uuid'}},'required':['born','id']}",
                "{'type':'object','additionalProperties':{'type':'integer','minimum':-20}}",
                "{}"
            })
    void anAnswerAlwaysValidates(String schema) throws Exception {
        var judge =
                SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                        .getSchema(schema.replace('\'', '"'), InputFormat.JSON);
        for (String sampling :
                new String[] {
                    "'temperature': 0",
                    "'temperature': 1.2, 'seed': 1",
                    "'temperature': 6, 'seed': 2"
                }) {
            for (int limit : new int[] {70, 150}) {
                String answer =
                        content(
                                "'response_format': {'type': 'json_schema', 'json_schema': {'name':"
                                        + " 'book', 'schema': %s}}, 'max_tokens': %d, %s"
                                                .formatted(schema, limit, sampling));
                assertThat(judge.validate(answer, InputFormat.JSON))
                        .as("%s with %s", answer, sampling)
                        .isEmpty();
            }
        }
    }

    @Test
    void aJsonObjectIsOneWhateverTheLimit() throws Exception {
        for (int limit = 2; limit < 50; limit += 7) {
            String answer =
                    content(
                            "'response_format': {'type': 'json_object'}, 'temperature': 3, 'seed':"
                                    + " %d, 'max_tokens': %d".formatted(limit, limit));
            assertThat(STRICT.fromJson(answer, JsonObject.class)).as(answer).isNotNull();
        }
    }

    @Test
    void anExpressionIsTheWholeAnswer() throws Exception {
        assertThat(content("'grammar': {'type': 'regex', 'value': '(yes|no), (fox|bear)[.]'}"))
                .matches("(yes|no), (fox|bear)\\.");
    }

    @Test
    void aModelWithoutALimitToItsWordsIsLeftAlone() throws Exception {
        String free = content("'max_tokens': 20");
        assertThat(content("'max_tokens': 20, 'response_format': {'type': 'text'}"))
                .isEqualTo(free);
    }

    @Test
    void whatCannotBeGuaranteedIsRefused() throws Exception {
        var output =
                model.send(
                        "{'inputs': 'a', 'response_format': {'type': 'json_schema', 'schema':"
                                + " {'type': 'number', 'multipleOf': 0.3}}}");
        assertThat(output.getCode()).isEqualTo(400);
        assertThat(output.getMessage()).contains("multipleOf");
    }

    @Test
    void anInsistedCallIsMadeWholeAndStreamed() throws Exception {
        String request =
                "{'messages': [{'role': 'user', 'content': 'Weather in Bonn?'}], 'max_tokens': 80,"
                        + " 'tools': [{'type': 'function', 'function': {'name': 'weather',"
                        + " 'parameters': {'type': 'object', 'properties': {'city': {'enum':"
                        + " ['Bonn', 'Kiel']}}, 'required': ['city']}}}], 'tool_choice':"
                        + " 'required', 'stream': %s}";
        JsonObject choice = choice(model.ask(request.formatted(false)));
        assertThat(choice.get("finish_reason").getAsString()).isEqualTo("tool_calls");
        JsonObject message = choice.getAsJsonObject("message");
        assertThat(message.get("content").isJsonNull()).isTrue();
        JsonObject function = function(message);
        assertThat(function.get("name").getAsString()).isEqualTo("weather");
        JsonObject arguments =
                JsonParser.parseString(function.get("arguments").getAsString()).getAsJsonObject();
        assertThat(arguments.get("city").getAsString()).isIn("Bonn", "Kiel");

        String events = model.send(request.formatted(true)).getData().getAsString();
        String last =
                events.lines()
                        .filter(line -> line.startsWith("data: {"))
                        .reduce((a, b) -> b)
                        .orElseThrow();
        JsonObject end = choice(JsonParser.parseString(last.substring(6)));
        assertThat(function(end.getAsJsonObject("delta"))).isEqualTo(function);
        assertThat(end.get("finish_reason").getAsString()).isEqualTo("tool_calls");
    }

    private static JsonObject function(JsonObject message) {
        return message.getAsJsonArray("tool_calls")
                .get(0)
                .getAsJsonObject()
                .getAsJsonObject("function");
    }
}
