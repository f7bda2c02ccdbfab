package io.djlnpu.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class TextWindowTest {

    private static final int[] TEXT = {2, 10, 11, 12, 13, 14, 15, 16};

    @Test
    void everyWindowBeginsWithTheFirstToken() {
        assertThat(TextWindow.cut(TEXT, 4))
                .containsExactly(
                        new TextWindow(new int[] {2, 10, 11, 12}, 1),
                        new TextWindow(new int[] {2, 13, 14, 15}, 1),
                        new TextWindow(new int[] {2, 16}, 1));
    }

    @Test
    void aTokenIsScoredInTheFirstWindowThatReachesIt() {
        assertThat(TextWindow.cut(TEXT, 5, 2))
                .containsExactly(
                        new TextWindow(new int[] {2, 10, 11, 12, 13}, 1),
                        new TextWindow(new int[] {2, 12, 13, 14, 15}, 3),
                        new TextWindow(new int[] {2, 14, 15, 16}, 3));
    }

    @Test
    void refusesWhatLeavesNothingToScore() {
        assertThatThrownBy(() -> TextWindow.cut(new int[] {2}, 4))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("two at least");
        assertThatThrownBy(() -> TextWindow.cut(TEXT, 4, 4))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("<bos>");
    }
}
