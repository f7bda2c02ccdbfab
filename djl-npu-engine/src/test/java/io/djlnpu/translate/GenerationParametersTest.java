package io.djlnpu.translate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.djlnpu.generate.GenerationConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GenerationParametersTest {

    @TempDir Path folder;

    private GenerationConfig read(String json) throws IOException {
        return GenerationParameters.read(folder, json(json));
    }

    private static JsonObject json(String text) {
        return JsonParser.parseString(text.replace('\'', '"')).getAsJsonObject();
    }

    private GenerationConfig argument(String name, Object value) throws IOException {
        return GenerationParameters.read(
                folder, GenerationParameters.ofArguments(Map.of(name, value)));
    }

    @Test
    void argumentsMayBeListsArraysAndMaps() throws IOException {
        assertThat(argument("stop", List.of("a", "b")).stop()).containsExactly("a", "b");
        assertThat(argument("stop", new String[] {"a"}).stop()).containsExactly("a");
        assertThat(argument("stop", "a").stop()).containsExactly("a");
        assertThat(argument("logit_bias", Map.of(7, 1.5f)).logitBias()).containsEntry(7, 1.5f);
        assertThat(argument("logitBias", "{\"7\": -2}").logitBias()).containsEntry(7, -2f);
        Map<String, String> form = Map.of("type", "regex", "value", "yes|no");
        assertThat(argument("response_format", form).grammar()).isPresent();
        assertThat(argument("response_format", "{\"type\": \"json_object\"}").grammar())
                .isPresent();
        assertThat(argument("maxNewTokens", "12").maxNewTokens()).isEqualTo(12);
        assertThat(argument("ignore_eos", true).ignoreEos()).isTrue();
    }

    @Test
    void theModelsTemperatureCountsWheneverARequestSamples() throws IOException {
        Files.writeString(
                folder.resolve("generation_config.json"),
                "{\"do_sample\": false, \"temperature\": 0.2, \"top_k\": 7}");
        assertThat(read("{}").temperature()).isZero();
        GenerationConfig sampled = read("{'do_sample': true}");
        assertThat(sampled.temperature()).isEqualTo(0.2);
        assertThat(sampled.topK()).isEqualTo(7);
        assertThat(read("{'temperature': 0.9}").temperature()).isEqualTo(0.9);
        assertThat(read("{'temperature': 0.9, 'do_sample': false}").temperature()).isZero();
        assertThat(read("{'temperature': 0, 'do_sample': true}").temperature()).isZero();
        Files.delete(folder.resolve("generation_config.json"));
        assertThat(read("{'do_sample': true}").temperature()).isEqualTo(1);
        assertThat(read("{'do_sample': null, 'temperature': 0.5}").temperature()).isEqualTo(0.5);
    }

    @Test
    void namesMayBeInCamelCase() throws IOException {
        GenerationConfig config = read("{'logProbs': true, 'topLogProbs': 3}");
        assertThat(config.logProbs()).isTrue();
        assertThat(config.topLogProbs()).isEqualTo(3);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'max_new_tokens': 4294967298} | 'max_new_tokens'",
                "{'max_new_tokens': 1.5} | 'max_new_tokens'",
                "{'n': 'two'} | 'n'",
                "{'logit_bias': 'much'} | 'logit_bias'",
                "{'response_format': 'json_object'} | response_format",
                "{'response_format': {'type': 'regex'}} | without a 'value'",
                "{'response_format': {'type': 7}} | response_format"
            })
    void saysWhichParameterIsWrong(String parameters, String named) {
        assertThatThrownBy(() -> read(parameters))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(named);
    }
}
