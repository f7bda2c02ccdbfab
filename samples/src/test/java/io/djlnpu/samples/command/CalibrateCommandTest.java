package io.djlnpu.samples.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From a text to an importance to a bundle, on the shipped model. */
class CalibrateCommandTest {

    @TempDir Path folder;

    @Test
    void whatIsMeasuredGoesIntoTheConversion() throws Exception {
        Path source = Path.of(getClass().getResource("/storyteller/model.onnx").toURI());
        Path bundle = folder.resolve("bundle");
        json(Run.of("convert", source, bundle, "--json"));
        Path text = Files.writeString(folder.resolve("text"), "The cat ran to the hill. ");
        Path file = folder.resolve("importance.safetensors");

        JsonObject measured =
                json(Run.of("calibrate", bundle, "--text", text, "-o", file, "--json"));
        assertThat(measured.get("out").getAsString()).isEqualTo(file.toString());
        assertThat(measured.get("tokens").getAsInt()).isGreaterThan(5);

        Path guided = folder.resolve("guided");
        JsonObject converted =
                json(Run.of("convert", source, guided, "--importance", file, "--json"));
        assertThat(converted.getAsJsonArray("warnings").toString())
                .as("this model was 4-bit before")
                .contains("carried over");
        assertThat(guided.resolve("model.q4nx"))
                .hasSameBinaryContentAs(bundle.resolve("model.q4nx"));

        Run minmax =
                Run.of(
                        "convert",
                        source,
                        folder.resolve("m"),
                        "--importance",
                        file,
                        "--encoding",
                        "minmax");
        assertThat(minmax.code()).isEqualTo(2);
        Run foreign =
                Run.of(
                        "convert",
                        source,
                        folder.resolve("f"),
                        "--importance",
                        bundle.resolve("model.q4nx"));
        assertThat(foreign.code()).isEqualTo(1);
        assertThat(foreign.err().strip().lines()).hasSize(1);
        assertThat(folder.resolve("f")).doesNotExist();
    }

    private static JsonObject json(Run run) {
        assertThat(run.code()).describedAs(run.err()).isZero();
        return JsonParser.parseString(run.out()).getAsJsonObject();
    }
}
