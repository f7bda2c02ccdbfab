package io.djlnpu.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import io.djlnpu.template.TemplateException.Kind;
import io.djlnpu.testing.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A template is a stranger's program: whatever it does, it ends soon, small and typed. */
class LimitsTest {

    /** Fewer steps than a prompt has, so that the test is quick; the rest is the same. */
    private static final Limits LIMITS =
            new Limits(
                    500_000, Limits.PROMPT.memory(), Limits.PROMPT.output(), Limits.PROMPT.depth());

    private static void isRefused(String template, Kind... kinds) {
        assertThatThrownBy(
                        () ->
                                Template.parse(template)
                                        .render(new JsonObject(), LIMITS, Clock.systemUTC()))
                .as(template.substring(0, Math.min(200, template.length())))
                .isInstanceOfSatisfying(
                        TemplateException.class, e -> assertThat(kinds).contains(e.kind()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{% for i in range(1000) %}{% for j in range(1000) %}{% for k in range(1000) %}{% endfor %}{% endfor %}{% endfor %}",
                "{% set ns = namespace(x=['a']) %}{% for i in range(60) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
                "{% set ns = namespace(x='a') %}{% for i in range(60) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}",
                "{% set ns = namespace(x=[]) %}{% for i in range(90000) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns.x }}",
                "{% set ns = namespace(x=[]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x | string | length }}",
                "{% set ns = namespace(x=[]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x | tojson | length }}",
                "{{ 'a' * 10000000000 }}",
                "{{ ['a'] * 1000000000 }}",
                "{{ 'a' | center(2000000000) }}",
                "{{ 'a'.ljust(2000000000) }}",
                "{{ '%2000000d' % 1 }}",
                "{{ '%*d' % (2000000000, 1) }}",
                "{{ '{:>999999}'.format(1) }}",
                "{{ 'a' | indent(2000000000, true) }}",
                "{{ [1] | batch(2000000000, 'x') | list }}",
                "{{ [1] | slice(2000000000) | list }}",
                "{{ [[1]] | tojson(indent=2000000000) }}",
                "{{ 'a\tb'.expandtabs(2000000000) }}",
                "{{ 10 ** 100000000 }}",
                "{{ 2 ** (2 ** 40) }}",
                "{{ 10 ** 9999 }}",
                "{{ range(1000000000) | list }}",
                "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
                "{% macro f(n) %}{{ f(n) }}{{ f(n) }}{% endmacro %}{{ f(1) }}",
                "{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}",
                "{% for i in range(100000) %}{% for j in range(1000) %}aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa{% endfor %}{% endfor %}",
                "{% set a = 'a' * 1000000 %}{% for i in range(100000) %}{% if a.count('b') %}{% endif %}{% endfor %}",
                "{% set a = 'a' * 1000000 %}{% for i in range(100000) %}{% if a == a ~ '' %}{% endif %}{% endfor %}",
                "{% set a = range(100000) | list %}{% for i in range(100000) %}{% if -1 in a %}{% endif %}{% endfor %}",
                "{% set a = range(100000) | list %}{% for i in range(100000) %}{% set b = a | sort %}{% endfor %}",
                "{% set a = 'a' * 100000 %}{{ a.replace('a', a) | length }}"
            })
    void aBudgetEndsIt(String template) {
        isRefused(template, Kind.LIMIT, Kind.VALUE);
    }

    @Test
    void depthIsBoundedBeforeItIsRun() {
        for (String deep :
                List.of(
                        "{{ " + "(".repeat(100_000) + "1" + ")".repeat(100_000) + " }}",
                        "{{ " + "[".repeat(5_000) + "]".repeat(5_000) + " }}",
                        "{{ " + "-".repeat(5_000) + "1 }}",
                        "{{ " + "not ".repeat(5_000) + "1 }}",
                        "{{ 1" + " + 1".repeat(5_000) + " }}",
                        "{{ a" + ".a".repeat(5_000) + " }}",
                        "{{ a" + "|d".repeat(5_000) + " }}",
                        "{{ 1" + " if 1 else 1".repeat(5_000) + " }}",
                        "{% if 1 %}".repeat(5_000) + "{% endif %}".repeat(5_000),
                        "{{ " + "{'a':".repeat(5_000) + "1" + "}".repeat(5_000) + " }}",
                        "{{ f" + "(f".repeat(5_000) + ")".repeat(5_000) + " }}")) {
            isRefused(deep, Kind.LIMIT);
        }
    }

    @Test
    void aLongFlatTemplateIsNone() {
        String flat = "{{ 'a'" + "~'a'".repeat(20_000) + " }}";
        assertThat(Template.parse(flat).render(new JsonObject())).hasSize(20_001);
        String chain = "{% if 0 %}" + "{% elif 0 %}".repeat(20_000) + "{% else %}x{% endif %}";
        assertThat(Template.parse(chain).render(new JsonObject())).isEqualTo("x");
    }

    @Test
    void anInterruptIsHeard() throws InterruptedException {
        Template endless =
                Template.parse(
                        "{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}");
        Limits wide = new Limits(Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE, 600);
        Throwable[] thrown = new Throwable[1];
        Thread thread =
                Thread.ofPlatform()
                        .start(
                                () -> {
                                    try {
                                        endless.render(new JsonObject(), wide, Clock.systemUTC());
                                    } catch (TemplateException e) {
                                        thrown[0] = e;
                                    }
                                });
        thread.interrupt();
        thread.join(20_000);
        assertThat(thread.isAlive()).isFalse();
        assertThat(thrown[0])
                .isInstanceOfSatisfying(
                        TemplateException.class,
                        e -> assertThat(e.kind()).isEqualTo(Kind.INTERRUPTED));
    }

    /** Nothing but JSON values and the functions listed is in reach. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{{ ____int3rpr3t3r____ }}",
                "{{ ____int3rpr3t3r____ is defined }}",
                "{{ ''.getClass }}",
                "{{ ''['class'] }}",
                "{{ ''.__class__.__mro__ }}",
                "{{ {}.class }}",
                "{{ [].__class__.__base__ }}",
                "{{ self }}",
                "{{ range.__globals__ }}",
                "{{ namespace.__init__.__globals__ }}"
            })
    void thereIsNoWayOut(String template) {
        String out;
        try {
            out = Template.parse(template).render(new JsonObject());
        } catch (TemplateException e) {
            return;
        }
        assertThat(out).isIn("", "False");
    }

    @Test
    void theHostileFilesAreRefused() throws IOException {
        for (String folder :
                List.of("01-template-java-access", "02-template-no-limits", "03-template-silent")) {
            try (var files =
                    Files.newDirectoryStream(Fixtures.fixture("hostile/" + folder), "*.jinja")) {
                for (Path file : files) {
                    String template = Files.readString(file);
                    JsonObject values = Expected.json("values.json");
                    switch (file.getFileName().toString()) {
                        case "range-1500.jinja" ->
                                assertThat(Template.parse(template).render(values)).hasSize(1500);
                        case "doubling-list.jinja" -> // a loop's own names end with each round
                                assertThat(Template.parse(template).render(values)).isEqualTo("1");
                        case "long-concat.jinja" ->
                                assertThat(Template.parse(template).render(values)).matches("a+");
                        default ->
                                assertThatThrownBy(() -> Template.parse(template).render(values))
                                        .as(file.toString())
                                        .isInstanceOf(TemplateException.class);
                    }
                }
            }
        }
    }
}
