package io.djlnpu.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class LoadOptionsTest {

    private static KeptPrompts kept(Map<String, ?> options) {
        return new LoadOptions(options, Map.of()).keptPrompts();
    }

    /** What is kept by default depends on the model: sessions of a large one are large. */
    @Test
    void nothingIsAssumedOfWhatIsKept() {
        assertThat(kept(Map.of()).most()).isEmpty();
        assertThat(kept(Map.of("promptCacheMegabytes", "3")).most()).hasValue(3L << 20);
        assertThat(kept(Map.of("promptCacheMegabytes", 0)).most()).hasValue(0);
    }

    @Test
    void optionsWinOverProperties() {
        LoadOptions options = new LoadOptions(Map.of("threads", 3), Map.of("threads", "2"));
        assertThat(options.read().threads()).isEqualTo(3);
        LoadOptions misspelled = new LoadOptions(Map.of("max_context", 8), Map.of());
        assertThat(misspelled.read().maxContext()).as("only told of").isZero();
    }
}
