package io.djlnpu.samples.peer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Both ways into ONNX Runtime must compute the same tokens, or their times compare nothing. */
class ContestantTest {

    private static final int[] PROMPT = {2, 607, 788, 363, 599, 277, 452, 385};

    @Test
    void ownApiAndDjlSayTheSame() throws Exception {
        Path onnx = Path.of(ContestantTest.class.getResource("/storyteller/model.onnx").toURI());
        try (Contestant direct =
                        new OnnxRuntimeContestant("own", new OnnxRuntimeDecoder(onnx, 2, 64, 1));
                Contestant djl = new DjlContestant("djl", "OnnxRuntime", onnx, 2, 64, 1)) {
            assertThat(tokens(djl)).isEqualTo(tokens(direct));
        }
    }

    private static List<Integer> tokens(Contestant contestant) throws Exception {
        List<Integer> tokens = new ArrayList<>(List.of(contestant.prefill(PROMPT)));
        for (int i = 0; i < 8; i++) {
            tokens.add(contestant.decode(tokens.getLast()));
        }
        return tokens;
    }
}
