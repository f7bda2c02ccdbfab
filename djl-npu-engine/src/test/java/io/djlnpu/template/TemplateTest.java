package io.djlnpu.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.djlnpu.template.TemplateException.Kind;
import io.djlnpu.testing.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;

class TemplateTest {

    /** Expected values are what Jinja2 made of the same templates; null is what it refused. */
    @Test
    void rendersSmallTemplatesAsJinja2Does() throws IOException {
        String cases = Files.readString(Fixtures.fixture("templates/cases.json"));
        JsonObject all = JsonParser.parseString(cases).getAsJsonObject();
        SoftAssertions softly = new SoftAssertions();
        for (JsonElement element : all.getAsJsonArray("cases")) {
            JsonObject one = element.getAsJsonObject();
            JsonElement expected = one.get("expected");
            softly.assertThat(
                            Expected.rendered(
                                    one.get("template").getAsString(),
                                    all.getAsJsonObject("values")))
                    .as(one.get("template").getAsString())
                    .isEqualTo(expected.isJsonNull() ? null : expected.getAsString());
        }
        softly.assertAll();
    }

    private static void refused(String template, Kind kind, String... words) {
        assertThatThrownBy(() -> Template.parse(template).render(new JsonObject()))
                .as(template)
                .isInstanceOfSatisfying(
                        TemplateException.class, e -> assertThat(e.kind()).isEqualTo(kind))
                .hasMessageContainingAll(words);
    }

    @Test
    void saysWhatIsWrongAndWhere() {
        refused("a\n{% if x %}b", Kind.SYNTAX, "line 2", "endif");
        refused("a\n\n{{ 1 + }}", Kind.SYNTAX, "line 3");
        refused("{{ 'a' }", Kind.SYNTAX, "line 1");
        refused("\n{% trans %}", Kind.UNKNOWN, "line 2", "tag 'trans'");
        refused("\n{{ a | nosuch }}", Kind.UNKNOWN, "line 2", "filter 'nosuch'");
        refused("\n{{ a is nosuch }}", Kind.UNKNOWN, "line 2", "test 'nosuch'");
        refused("{% include 'a' %}", Kind.UNKNOWN, "tag 'include'");
        refused("{% if 1 %}\n{{ 1 | nosuch }}{% endif %}", Kind.UNKNOWN, "line 2", "nosuch");
        refused("\n{{ a.b }}", Kind.UNDEFINED, "line 2", "'a' is undefined");
        refused("\n\n{{ 1 + 'a' }}", Kind.VALUE, "line 3", "int", "str");
        refused("{{ raise_exception('no') }}", Kind.RAISED, "no");
        refused("{{ [].append(1) }}", Kind.FORBIDDEN, "append");
        refused("{{ 'x' | wordwrap }}", Kind.UNKNOWN, "wordwrap");
    }

    @Test
    void whatJinja2HasAndThisHasNotIsRefusedAtLoad() {
        assertThatThrownBy(() -> Template.parse("{% if false %}{{ 'x' | pprint }}{% endif %}"))
                .isInstanceOf(TemplateException.class)
                .hasMessageContaining("pprint");
    }

    @Test
    void oneTemplateServesManyThreads() throws Exception {
        Template template =
                Template.parse(
                        "{% set ns = namespace(s='') %}{% for i in range(n) %}{% set ns.s = ns.s ~ i %}{% endfor %}{{ ns.s }}");
        Thread[] threads = new Thread[4];
        String[] results = new String[threads.length];
        for (int i = 0; i < threads.length; i++) {
            int n = i * 3;
            int at = i;
            threads[i] =
                    Thread.startVirtualThread(
                            () -> {
                                JsonObject variables = new JsonObject();
                                variables.addProperty("n", n);
                                results[at] = template.render(variables);
                            });
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(results).containsExactly("", "012", "012345", "012345678");
    }
}
