package io.djlnpu.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.djlnpu.bundle.Importance;
import io.djlnpu.bundle.TensorLayout;
import io.djlnpu.decoder.DecoderModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A text in windows is the mean of its windows; the file fits the model that was measured. */
class CalibrationTest {

    @TempDir private Path folder;

    @Test
    void aTextIsTheMeanOfItsWindows() throws Exception {
        try (TinyModel tiny = new TinyModel(folder, 1)) {
            DecoderModel model = tiny.model;
            int[] ids = new Random(3).ints(50, 0, model.config().vocabSize()).toArray();
            List<Integer> progress = new ArrayList<>();
            Importance whole = Calibration.measure(model, TextWindow.cut(ids, 20), progress::add);
            assertThat(progress).containsExactly(20, 40, 52);
            for (TensorLayout layout : TensorLayout.text(model.config())) {
                if (!layout.quantized()) {
                    continue;
                }
                double[] expected = new double[layout.columns()];
                for (TextWindow window : TextWindow.cut(ids, 20)) {
                    float[] part =
                            Calibration.measure(model, List.of(window), done -> {})
                                    .of(layout.name(), layout.columns());
                    for (int i = 0; i < part.length; i++) {
                        expected[i] += (double) part[i] * window.ids().length / 52;
                    }
                }
                float[] found = whole.of(layout.name(), layout.columns());
                for (int i = 0; i < found.length; i++) {
                    assertThat((double) found[i])
                            .isCloseTo(expected[i], within(1e-5 * expected[i] + 1e-12));
                }
            }
        }
    }

    @Test
    void theFileFitsTheModel() throws Exception {
        try (TinyModel tiny = new TinyModel(folder, 1)) {
            DecoderModel model = tiny.model;
            Path file = folder.resolve("importance.safetensors");
            Calibration.measure(model, TextWindow.cut(new int[] {2, 7, 9}, 8), done -> {})
                    .write(file);
            Importance read = Importance.read(file, model.config());
            String layer = "model.layers.0.self_attn.";
            int hidden = model.config().hiddenSize();
            assertThat(read.of(layer + "q_proj.weight", hidden))
                    .as("query, key and value multiply the same")
                    .isEqualTo(read.of(layer + "v_proj.weight", hidden));
        }
    }

    @Test
    void refusesNoText() throws Exception {
        try (TinyModel tiny = new TinyModel(folder, 1)) {
            assertThatThrownBy(() -> Calibration.measure(tiny.model, List.of(), done -> {}))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }
}
