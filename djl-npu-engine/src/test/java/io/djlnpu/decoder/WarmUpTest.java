package io.djlnpu.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.djlnpu.bundle.BundleOptions;
import io.djlnpu.bundle.BundleWriter;
import io.djlnpu.bundle.ModelBundle;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a warm-up runs is the model's own first layer, and nothing of it stays. */
class WarmUpTest {

    @TempDir private Path folder;

    @Test
    void oneLayerRunsAndLeavesTheModelAsItWas() throws IOException {
        DecoderOptions options = DecoderOptions.defaults().withThreads(2);
        try (ModelBundle bundle = bundle()) {
            float[] cold = logits(bundle, options, false);
            assertThat(logits(bundle, options, true)).isEqualTo(cold);
            try (DecoderModel model = DecoderModel.load(bundle, options);
                    DecoderModel layer = model.firstLayer()) {
                assertThat(layer.config().layers()).isEqualTo(1);
                assertThat(layer.config().isLocal(0)).isEqualTo(model.config().isLocal(0));
                assertThat(WarmUp.untilNoFaster(layer)).isBetween(2, WarmUp.MOST_ROUNDS);
            }
        }
    }

    @Test
    void aWarmUpThatFailsIsTriedAgain() throws IOException {
        FaultySimd simd = new FaultySimd();
        AtomicBoolean done = new AtomicBoolean();
        try (ModelBundle bundle = bundle();
                DecoderModel model =
                        DecoderModel.load(bundle, DecoderOptions.defaults(), simd.provider())) {
            simd.failing = true;
            assertThatThrownBy(() -> WarmUp.once(model, done)).isInstanceOf(RuntimeException.class);
            assertThat(done).isFalse();
            simd.failing = false;
            WarmUp.once(model, done);
            assertThat(done).isTrue();
        }
    }

    @Test
    void aContextOfOneTokenIsWarmedUpToo() throws IOException {
        try (ModelBundle bundle = bundle();
                DecoderModel model =
                        DecoderModel.load(bundle, DecoderOptions.defaults().withMaxContext(1))) {
            assertThat(WarmUp.untilNoFaster(model)).isBetween(2, WarmUp.MOST_ROUNDS);
        }
    }

    private ModelBundle bundle() throws IOException {
        Path target = folder.resolve("bundle");
        BundleWriter.write(SyntheticModel.of(4, 2), target, BundleOptions.defaults());
        return ModelBundle.open(target);
    }

    private static float[] logits(ModelBundle bundle, DecoderOptions options, boolean warm)
            throws IOException {
        try (DecoderModel model = DecoderModel.load(bundle, options)) {
            if (warm) {
                model.warmUp();
            }
            try (DecoderSession session = model.newSession()) {
                return session.prefill(new int[] {3, 1, 4, 1, 5}).clone();
            }
        }
    }
}
