package io.djlnpu.generate.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RegularExpressionTest {

    private static boolean accepts(OutputGrammar grammar, String text) {
        int state = grammar.start();
        for (byte value : text.getBytes(StandardCharsets.UTF_8)) {
            state = grammar.step(state, value & 0xFF);
            if (state < 0) {
                return false;
            }
        }
        return grammar.isEnd(state);
    }

    /** What automaton libraries read otherwise, or not at all. */
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "^[0-9]{3}$; 555; ^555$",
                "^abc$|^xyz$; xyz; abc$",
                "(?:yes|no); yes; ?:yes",
                "(?<answer>yes|no); no; <answer>yes",
                "(?P<answer>yes|no); no; Pyes",
                "\"[a-z]{3}\"; \"abc\"; [a-z]{3}",
                "\\{\"name\": \"[A-Z][a-z]{2,5}\", \"age\": [0-9]{1,2}\\}; {\"name\": \"Anna\", \"age\": 7};"
                        + " {name: Anna, age: 7}",
                "{\"a\": 1}; {\"a\": 1}; a",
                "\\u0041\\x42\\u{43}\\x{44}; ABCD; u0041",
                "\\ud83d\\udca7+; 💧💧; 💧x",
                "a{2}?b; aab; ab",
                "a*?b+?c??; aabb; aa",
                "[\\d.]{3}; 1.2; a.2",
                "[^\\w\\s]; !; _",
                "[-a\\]-]+; -a]; b",
                "#@&<>~; #@&<>~; ''",
                "a|; ''; b"
            })
    void readsTheSyntaxThatLanguagesShare(String expression, String valid, String invalid) {
        OutputGrammar grammar = OutputGrammar.regex(expression);
        assertThat(accepts(grammar, valid)).as(valid).isTrue();
        assertThat(accepts(grammar, invalid)).as(invalid).isFalse();
        assertThat(
                        Pattern.matches(
                                expression
                                        .replace("(?P", "(?")
                                        .replaceAll("\\\\u\\{(..)}", "\\\\x{$1}")
                                        .replaceFirst("^\\{", "\\\\{"),
                                valid))
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "(x(?!a)b); look around, (?!",
                "(?<=a)b; look around, (?<=",
                "(?<!a)b; look around, (?<!",
                "(?i)yes; group of kind (?i",
                "(?>a); group of kind (?>",
                "(a)\\1; \\1",
                "\\bword; \\b",
                "\\p{Greek}; \\p",
                "a^b; ^ after the beginning",
                "a$b; $ before the end",
                "(a$)b; $ within a group",
                "(^a)b; ^ after the beginning",
                "a++b; possessive",
                "a**; quantifier of nothing",
                "{3}a; quantifier of nothing",
                "[[:alpha:]]; [:",
                "[a-z&&[b]]; &&",
                "[z-a]; range",
                "[]a]; begins with ]",
                "[abc; its end",
                "a{5,2}; {5,2}",
                "\\u00; no character",
                "(a; ( without a )",
                "a); ) without a (",
                "a\\; its end"
            })
    void refusesByNameWhatItCannotHoldTo(String expression, String named) {
        assertThatThrownBy(() -> OutputGrammar.regex(expression))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(expression)
                .hasMessageContaining(named);
    }

    @Test
    void aDotIsNoEndOfLineAndNothingIsHalfACharacter() {
        assertThat(accepts(OutputGrammar.regex("a.b"), "a\nb")).isFalse();
        assertThat(accepts(OutputGrammar.regex("a[^x]b"), "a\nb")).isTrue();
        OutputGrammar any = OutputGrammar.regex("[^a]");
        int state = any.step(any.start(), 0xED);
        assertThat(any.step(state, 0x9F)).isNotNegative();
        assertThat(any.step(state, 0xA0)).as("a surrogate in UTF-8").isNegative();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a{99999999999}", "(((a{9999}){9999}){9999}){9999}"})
    void countsRepetitionsBeforeTheyAreBuilt(String expression) {
        assertThatThrownBy(() -> OutputGrammar.regex(expression))
                .hasMessageContaining("too complex");
    }

    /** Random expressions and texts over a few letters: Java says what matches. */
    @Test
    void acceptsWhatJavaMatches() {
        Random random = new Random(11);
        int matches = 0;
        for (int i = 0; i < 400; i++) {
            String expression = alternatives(random, 1);
            OutputGrammar grammar = OutputGrammar.regex(expression);
            Pattern java = Pattern.compile(expression);
            for (int j = 0; j < 60; j++) {
                String text = text(random);
                boolean expected = java.matcher(text).matches();
                matches += expected ? 1 : 0;
                assertThat(accepts(grammar, text))
                        .as("'%s' of '%s'", text, expression)
                        .isEqualTo(expected);
            }
        }
        assertThat(matches).isGreaterThan(1000);
    }

    private static String text(Random random) {
        StringBuilder text = new StringBuilder();
        for (int length = random.nextInt(5); length > 0; length--) {
            text.append("ab1\" \n#-".charAt(random.nextInt(8)));
        }
        return text.toString();
    }

    private static String alternatives(Random random, int depth) {
        StringBuilder text = new StringBuilder(sequence(random, depth));
        while (random.nextInt(3) == 0) {
            text.append('|').append(sequence(random, depth));
        }
        return text.toString();
    }

    private static String sequence(Random random, int depth) {
        StringBuilder text = new StringBuilder();
        for (int parts = 1 + random.nextInt(3); parts > 0; parts--) {
            text.append(atom(random, depth));
            text.append(one(random, "", "", "*", "+", "?", "{2}", "{1,}", "{0,2}", "*?", "{1,3}?"));
        }
        return text.toString();
    }

    private static String atom(Random random, int depth) {
        if (depth > 0 && random.nextInt(3) == 0) {
            String kind = one(random, "", "?:", "?<x" + random.nextInt(1 << 30) + ">");
            return "(" + kind + alternatives(random, depth - 1) + ")";
        }
        return one(
                random,
                "a",
                "b",
                "1",
                "\"",
                " ",
                "#",
                "-",
                ".",
                "\\d",
                "\\w",
                "\\s",
                "\\D",
                "\\W",
                "\\S",
                "\\n",
                "\\x61",
                "\\u0062",
                "\\\"",
                "[ab]",
                "[^ab]",
                "[\\d-]",
                "[^\\W1]",
                "[a-b\"#]",
                "[\\n ]",
                "[^\\s#]");
    }

    private static String one(Random random, String... choices) {
        return choices[random.nextInt(choices.length)];
    }
}
