package io.djlnpu.samples.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What verify calls an error, and what it does not. */
class VerifyCommandTest {

    @TempDir private static Path folder;

    private static Path source;
    private static Path bundle;
    private static Run converted;

    /** The shipped model's exporter scales the rotary angles of local layers wrongly. */
    @BeforeAll
    static void convert() throws Exception {
        Path shipped =
                Path.of(VerifyCommandTest.class.getResource("/storyteller/model.onnx").toURI());
        source = Files.createDirectory(folder.resolve("source"));
        for (String name : new String[] {"model.onnx", "model.onnx.data", "genai_config.json"}) {
            Files.copy(shipped.resolveSibling(name), source.resolve(name));
        }
        bundle = folder.resolve("bundle");
        converted = Run.of("convert", source, bundle);
        assertThat(converted.code()).as(converted.err()).isZero();
        source = shipped;
    }

    @Test
    void aMissingTokenizerIsAWarning() {
        assertThat(converted.err()).contains("note: no tokenizer.json").contains("note: RoPE");
        assertThat(converted.out()).doesNotContain("note");
        Run run = Run.of("verify", bundle);
        assertThat(run.code()).isZero();
        assertThat(run.out()).contains(bundle + ": valid");
        assertThat(run.err()).contains("no tokenizer.json");
    }

    @Test
    void aFaultOfTheSourceIsNotTheConversions() {
        Path whole = folder.resolve("whole");
        assertThat(Run.of("convert", source, whole, "--quiet").err()).isEmpty();
        Run run = Run.of("verify", whole, "--against", source, "--json");
        assertThat(run.code()).isZero();
        JsonObject result = JsonParser.parseString(run.out()).getAsJsonObject();
        assertThat(result.get("kl").getAsDouble()).isPositive();
        assertThat(result.getAsJsonArray("notes").toString())
                .contains("a fault of ONNX Runtime GenAI's builder")
                .contains("ONNX Runtime runs the graph with the fault named above");
        assertThat(Run.of("verify", whole, "--against", source).err())
                .contains("which is not the conversion's error");
    }

    @Test
    void whatIsNoBundleIsSaidToBeNone() {
        Run none = Run.of("verify", folder.resolve("none"));
        assertThat(none.code()).isEqualTo(1);
        assertThat(none.err()).contains("none: no such file or folder");
        assertThat(Run.of("verify", source).err())
                .contains(": an ONNX model, no bundle; run npu convert first");
        assertThat(Run.of("verify", folder).err()).contains(": no bundle");
    }

    /** Figures are for programs too, which read no other digits than these. */
    @Test
    void numbersAreTheSameWhereverOneIs() {
        Locale before = Locale.getDefault();
        Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
        try {
            assertThat(Run.of("inspect", bundle).out()).matches("\\p{ASCII}*");
            assertThat(Run.of("inspect", source).out()).matches("\\p{ASCII}*");
            Run bench = Run.of("bench", "-m", bundle, "-p", 4, "-n", 2, "-r", 1);
            assertThat(bench.out()).contains("prefill    4").matches("\\p{ASCII}*");
        } finally {
            Locale.setDefault(before);
        }
    }
}
