package io.djlnpu.template;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Holds the interpreter to transformers, construct by construct and family by family. The table of
 * {@code docs/templates.md} is what this test finds; {@code -Dnpu.docs=write} writes it anew.
 */
class ConformanceTest {

    private static final Path PAGE = Path.of("../docs/templates.md");
    private static final String BEGIN = "<!-- made by ConformanceTest -->\n";

    private final StringBuilder table = new StringBuilder(BEGIN);
    private final StringBuilder different = new StringBuilder();

    @Test
    void rendersWhatTransformersRenders() throws IOException {
        constructs(Expected.json("constructs.json"));
        families(Expected.json("prompts.json"));
        assertThat(different.toString()).isEmpty();
        String page = Files.readString(PAGE);
        String fresh = page.substring(0, page.indexOf(BEGIN)) + table;
        if ("write".equals(System.getProperty("npu.docs"))) {
            Files.writeString(PAGE, fresh);
        }
        assertThat(Files.readString(PAGE)).isEqualTo(fresh);
    }

    private void constructs(JsonObject made) {
        table.append(
                "\n| construct | templates | equal | of these refused by both |\n|---|---|---|---|\n");
        for (JsonElement section : made.getAsJsonArray("sections")) {
            int equal = 0;
            int refused = 0;
            int all = 0;
            for (JsonElement element : section.getAsJsonObject().getAsJsonArray("cases")) {
                JsonObject one = element.getAsJsonObject();
                String template = one.get("template").getAsString();
                String got = Expected.rendered(template, made.getAsJsonObject("values"));
                equal += isEqual(template, one.get("expected"), got) ? 1 : 0;
                refused += got == null ? 1 : 0;
                all++;
            }
            row(section.getAsJsonObject().get("name").getAsString(), all, equal, refused);
        }
    }

    private void families(JsonObject made) throws IOException {
        table.append(
                "\n| family's template | conversations | equal | of these refused by both |\n|---|---|---|---|\n");
        for (Map.Entry<String, JsonElement> family : made.getAsJsonObject("expected").entrySet()) {
            String template = Expected.text("families/" + family.getKey() + ".jinja");
            int equal = 0;
            int refused = 0;
            int all = 0;
            for (Map.Entry<String, JsonElement> expected :
                    family.getValue().getAsJsonObject().entrySet()) {
                JsonObject conversation =
                        made.getAsJsonObject("conversations")
                                .getAsJsonObject(expected.getKey())
                                .deepCopy();
                if (conversation.has("continue_final_message")) {
                    continue; // the chat template's own work
                }
                String got =
                        Expected.rendered(
                                template, variables(conversation, made.getAsJsonObject("tokens")));
                equal +=
                        isEqual(
                                        family.getKey() + ", " + expected.getKey(),
                                        expected.getValue(),
                                        got)
                                ? 1
                                : 0;
                refused += got == null ? 1 : 0;
                all++;
            }
            row(family.getKey(), all, equal, refused);
        }
    }

    private static JsonObject variables(JsonObject conversation, JsonObject tokens) {
        JsonObject variables = tokens.deepCopy();
        variables.add("tools", null);
        variables.add("documents", null);
        variables.addProperty("add_generation_prompt", true);
        conversation.entrySet().forEach(e -> variables.add(e.getKey(), e.getValue()));
        return variables;
    }

    private boolean isEqual(String what, JsonElement expected, String got) {
        String wanted = expected.isJsonNull() ? null : expected.getAsString();
        boolean equal = wanted == null ? got == null : wanted.equals(got);
        if (!equal) {
            different.append(what).append("\nexpected ").append(wanted);
            different.append("\nfound    ").append(got).append("\n\n");
        }
        return equal;
    }

    private void row(String name, int all, int equal, int refused) {
        table.append("| %s | %d | %d | %d |\n".formatted(name, all, equal, refused));
    }
}
