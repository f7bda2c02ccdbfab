package io.djlnpu.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.djlnpu.bundle.BundleOptions;
import io.djlnpu.bundle.BundleWriter;
import io.djlnpu.bundle.ModelBundle;
import io.djlnpu.bundle.TensorLayout;
import io.djlnpu.kernel.ProjectionWeights;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an observer sees is what the definition multiplies, and seeing changes nothing. */
class ActivationObserverTest {

    @TempDir private Path folder;

    @Test
    void seesWhatEveryMatrixMultipliesAtEveryPosition() throws Exception {
        int[] ids = new Random(5).ints(90, 0, 224).toArray();
        Path target = folder.resolve("bundle");
        BundleWriter.write(SyntheticModel.of(4, 2), target, BundleOptions.defaults());
        DecoderOptions options =
                DecoderOptions.defaults().withNumerics(Numerics.FLOAT32).withPrefillChunk(16);
        try (ModelBundle bundle = ModelBundle.open(target);
                DecoderModel model = DecoderModel.load(bundle, options);
                DecoderSession session = model.newSession()) {
            Map<String, List<float[]>> seen = new HashMap<>();
            session.prefillObserved(
                    ids,
                    (matrices, activations, tokens) -> {
                        for (ProjectionWeights matrix : matrices) {
                            int columns = matrix.columns();
                            for (int t = 0; t < tokens; t++) {
                                seen.computeIfAbsent(matrix.name(), name -> new ArrayList<>())
                                        .add(
                                                activations
                                                        .asSlice(4L * t * columns, 4L * columns)
                                                        .toArray(ValueLayout.JAVA_FLOAT));
                            }
                        }
                    });
            ReferenceForward reference = new ReferenceForward(bundle, 24);
            reference.logits(ids);
            assertThat(seen.keySet())
                    .containsExactlyInAnyOrderElementsOf(
                            TensorLayout.text(bundle.config()).stream()
                                    .filter(TensorLayout::quantized)
                                    .map(TensorLayout::name)
                                    .toList());
            reference.multiplied.forEach(
                    (name, expected) -> {
                        assertThat(seen.get(name)).as(name).hasSize(ids.length);
                        for (int t = 0; t < ids.length; t++) {
                            for (int i = 0; i < expected[t].length; i++) {
                                assertThat((double) seen.get(name).get(t)[i])
                                        .as("%s, token %d, column %d", name, t, i)
                                        .isCloseTo(expected[t][i], within(1e-3));
                            }
                        }
                    });
            try (DecoderSession unobserved = model.newSession()) {
                unobserved.prefill(ids);
                assertThat(session.decode(7)).containsExactly(unobserved.decode(7));
            }
        }
    }
}
