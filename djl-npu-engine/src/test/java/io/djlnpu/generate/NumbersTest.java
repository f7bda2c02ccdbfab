package io.djlnpu.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NumbersTest {

    private static JsonElement json(String text) {
        return JsonParser.parseString(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "4294967298",
                "1e99",
                "1e999999999",
                "-1e-999999999",
                "2.9",
                "2.0000000000000000000001",
                "NaN",
                "Infinity",
                "true",
                "null",
                "[]",
                "{}",
                "\"\"",
                "\"NaN\"",
                "\"0x10\"",
                "\"1_000\"",
                "\"\u0661\"",
                "9223372036854775808",
                "-1",
                "101"
            })
    void refusesWhatIsNoWholeNumberInRange(String text) {
        assertThatThrownBy(() -> Numbers.whole("x", json(text), 0, 100))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("x ")
                .hasMessageEndingWith(", expected a whole number from 0 to 100");
    }

    @ParameterizedTest
    @ValueSource(strings = {"7", "7.0", "70e-1", "\"7\"", "\" 7 \"", "0.7e1", "7.000"})
    void takesWholeNumbersHoweverTheyAreWritten(String text) {
        assertThat(Numbers.whole("x", json(text), 0, 100)).isEqualTo(7);
    }

    @Test
    void takesAllOf64Bits() {
        for (long edge : new long[] {Long.MIN_VALUE, Long.MAX_VALUE}) {
            assertThat(Numbers.whole("x", json("" + edge), Long.MIN_VALUE, Long.MAX_VALUE))
                    .isEqualTo(edge);
        }
    }

    @Test
    void takesFiniteNumbersOnly() {
        assertThat(Numbers.finite("x", json("0.1"))).isEqualTo(0.1);
        assertThat(Numbers.finite("x", 1.5f)).isEqualTo(1.5);
        for (Object wrong : new Object[] {json("1e999"), Double.NaN, "NaN", json("false"), ""}) {
            assertThatThrownBy(() -> Numbers.finite("x", wrong))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("a finite number");
        }
    }

    @Test
    void truthIsNotGuessed() {
        assertThat(Numbers.truth("x", json("true"))).isTrue();
        assertThat(Numbers.truth("x", "false")).isFalse();
        for (Object wrong : new Object[] {json("1"), "yes", json("[]"), json("null")}) {
            assertThatThrownBy(() -> Numbers.truth("x", wrong))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }
}
