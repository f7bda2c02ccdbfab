package io.djlnpu.generate.grammar;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExpressionSizeTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "abc; 3",
                "[a-z]{4}-[0-9]{2,8}; 13",
                "(ab){3}; 6",
                "((a{10}){10}){10}; 1000",
                "(a|\\{){3}b; 10",
                "[\\]{9}]{2}; 2",
                "a+b*c?; 3",
                "); 0",
                "a{; 1"
            })
    void countsWhatRepetitionsMultiply(String expression, long expected) {
        assertThat(ExpressionSize.of(expression)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"a{99999999999}", "(((a{99999}){99999}){99999}){99999}"})
    void doesNotOverflow(String expression) {
        assertThat(ExpressionSize.of(expression)).isGreaterThan(1L << 30).isPositive();
    }
}
