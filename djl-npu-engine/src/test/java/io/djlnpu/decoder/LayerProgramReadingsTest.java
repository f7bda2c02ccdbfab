package io.djlnpu.decoder;

import static org.assertj.core.api.Assertions.assertThat;

import io.djlnpu.bundle.BundleOptions;
import io.djlnpu.bundle.BundleWriter;
import io.djlnpu.bundle.DecoderSpec;
import io.djlnpu.bundle.ModelBundle;
import io.djlnpu.decoder.RecordingSimd.Work;
import io.djlnpu.simulate.Simulation;
import io.djlnpu.simulate.Simulation.Phase;
import io.djlnpu.tile.DataflowPlan;
import io.djlnpu.tile.NpuDevice;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * One program, all its readings: the host runs the kernels that the price counts, in the same order
 * and of the same sizes.
 */
class LayerProgramReadingsTest {

    private static final int TOKENS = 21;

    @TempDir private Path folder;

    private final RecordingSimd recording = new RecordingSimd();

    @Test
    void prefillRunsWhatIsPriced() throws IOException {
        compare(
                Phase.PREFILL,
                session -> {
                    recording.works().clear();
                    session.prefillObserved(new int[TOKENS], (matrices, x, tokens) -> {});
                });
    }

    @Test
    void decodeRunsWhatIsPriced() throws IOException {
        compare(
                Phase.DECODE,
                session -> {
                    session.prefill(new int[TOKENS - 1]);
                    recording.works().clear();
                    session.decode(1);
                    // the head
                    int head = recording.works().size() - 1;
                    while (recording.works().get(head).kernel().equals("FusedDqp")) {
                        recording.works().remove(head--);
                    }
                });
    }

    private interface Run {
        void of(DecoderSession session);
    }

    private void compare(Phase phase, Run run) throws IOException {
        SyntheticModel source = SyntheticModel.global(4, 2);
        BundleWriter.write(source, folder.resolve("bundle"), BundleOptions.defaults());
        DecoderOptions options =
                DecoderOptions.defaults()
                        .withThreads(1)
                        .withNumerics(Numerics.FLOAT32)
                        .withWeights(WeightLayout.MAPPED);
        try (ModelBundle bundle = ModelBundle.open(folder.resolve("bundle"));
                DecoderModel model = DecoderModel.load(bundle, options, recording.provider());
                DecoderSession session = model.newSession()) {
            run.of(session);
        }
        List<Work> priced = priced(source, phase);
        List<Work> done = RecordingSimd.together(recording.works());
        if (phase == Phase.DECODE) {
            // a plan within L2 does not tell them
            done = new ArrayList<>(done.stream().map(Work::withoutSums).toList());
        }
        // outside the layers: the norm before the head, which joins the last layer's sum
        assertThat(done.getLast().kernel()).isEqualTo("RmsNorm");
        if (!priced.getLast().kernel().equals("RmsNorm")) {
            done.removeLast();
        }
        assertThat(names(done)).isEqualTo(names(priced));
        assertThat(done.subList(1, done.size() - 1)).isEqualTo(priced.subList(1, done.size() - 1));
    }

    private static List<String> names(List<Work> works) {
        return works.stream().map(Work::kernel).toList();
    }

    /** The plans of all layers, which are alike. */
    private static List<Work> priced(SyntheticModel source, Phase phase) {
        DecoderSpec shape = (source.config());
        List<DataflowPlan> plans = new Simulation(shape, NpuDevice.KRACKAN).plans(phase, TOKENS);
        List<Work> works = new ArrayList<>();
        for (int layer = 0; layer < shape.layers(); layer++) {
            for (DataflowPlan plan : plans) {
                // expands what the product behind it multiplies
                if (!plan.kernel().equals("DequantEngine")) {
                    works.add(work(plan, phase, shape.headDim()));
                }
            }
        }
        return RecordingSimd.together(works);
    }

    private static Work work(DataflowPlan plan, Phase phase, int headDim) {
        long written = plan.ddrWriteBytes() / 2;
        return switch (plan.kernel()) {
            case "FlowKv", "FlowQkv" -> new Work("attention", plan.macs() / (2L * headDim), 0);
            case "FusedDqp", "TiledMatmul" -> new Work(plan.kernel(), written, 0);
            default -> {
                long results = plan.macs() / 2;
                boolean sums = plan.kernel().equals("RmsNorm") && phase == Phase.PREFILL;
                yield new Work(plan.kernel(), results, sums ? written - results : 0);
            }
        };
    }
}
