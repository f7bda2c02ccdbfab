package io.djlnpu.simulate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.djlnpu.format.ModelFormatException;
import io.djlnpu.simulate.Sweep.Axis;
import io.djlnpu.tile.DeviceFile;
import io.djlnpu.tile.NpuDevice;
import io.djlnpu.tile.NpuDevice.Parameter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SweepTest {

    @Test
    void readsAxes() {
        assertThat(Axis.parse("columns=4..16"))
                .isEqualTo(new Axis(Parameter.COLUMNS, List.of(4.0, 7.0, 10.0, 13.0, 16.0)));
        assertThat(Axis.parse("ddr=40..120GB/s").values()).startsWith(40e9).endsWith(120e9);
        assertThat(Axis.parse("l1=64..128/2KiB").values()).containsExactly(65536.0, 131072.0);
        assertThat(Axis.parse("clock=1.8GHz").values()).containsExactly(1.8e9);
        for (String wrong :
                new String[] {
                    "",
                    "banks=4",
                    "ddr=9..3",
                    "ddr=0..3",
                    "columns=4..8/0",
                    "columns=0",
                    "columns=0.4",
                    "ddr=40..120",
                    "stream=14",
                    "clock=1.8GB/s",
                    "l1=65536",
                    "columns=4GHz",
                    "ddr=-1",
                    "ddr=1.2.3",
                    "ddr=..",
                    "columns=4..8/99999999999",
                    "ddr=" + "9".repeat(400),
                    "columns=" + "4..".repeat(5000)
                }) {
            assertThatThrownBy(() -> Axis.parse(wrong))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void anArrayBeyondReasonIsRefused() {
        for (String axis : new String[] {"columns=1000000", "columns=99999999999", "l1=4000GiB"}) {
            assertThatThrownBy(
                            () ->
                                    Sweep.over(
                                            NpuDevice.KRACKAN,
                                            List.of(Axis.parse(axis)),
                                            device ->
                                                    Simulation.decode(
                                                            PublishedModels.GEMMA3_1B, device, 1)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("expected 1 to");
        }
    }

    @Test
    void fasterMemoryNeverSlowsARun() {
        List<Sweep.Point> points =
                Sweep.over(
                        NpuDevice.KRACKAN,
                        List.of(Axis.parse("columns=8..16/2"), Axis.parse("ddr=40..120/3GB/s")),
                        device -> Simulation.decode(PublishedModels.GEMMA3_4B, device, 4096));
        assertThat(points).hasSize(6);
        for (int i = 0; i < points.size(); i++) {
            if (i % 3 > 0) {
                assertThat(points.get(i).report().seconds())
                        .isLessThanOrEqualTo(points.get(i - 1).report().seconds());
            }
            if (i >= 3) {
                assertThat(points.get(i).report().seconds())
                        .isLessThanOrEqualTo(points.get(i - 3).report().seconds());
            }
        }
    }

    @Test
    void aDeviceSurvivesItsFile(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("device.json");
        DeviceFile.write(NpuDevice.STRIX, file);
        assertThat(DeviceFile.read(file)).isEqualTo(NpuDevice.STRIX);
        String text = Files.readString(file);
        for (String broken :
                new String[] {"", "[]", "{}", text.replace("\"columns\": 8", "\"columns\": -8")}) {
            Files.writeString(file, broken);
            assertThatThrownBy(() -> DeviceFile.read(file))
                    .isInstanceOf(ModelFormatException.class)
                    .hasMessageContaining("device.json");
        }
    }

    @Test
    void anImageCostsMoreThanItsTokensAlone() {
        double image = Simulation.image(PublishedModels.GEMMA3_4B, NpuDevice.KRACKAN).seconds();
        double text =
                Simulation.prefill(PublishedModels.GEMMA3_4B, NpuDevice.KRACKAN, 276).seconds();
        assertThat(image).isGreaterThan(text);
        assertThatThrownBy(() -> Simulation.image(PublishedModels.GEMMA3_1B, NpuDevice.KRACKAN))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no vision tower");
    }
}
