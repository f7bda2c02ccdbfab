package io.djlnpu.simulate;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.djlnpu.bundle.DecoderSizes;
import io.djlnpu.bundle.DecoderSpec;
import io.djlnpu.bundle.NormPlacement;
import io.djlnpu.bundle.Visibility;
import io.djlnpu.tile.NpuDevice;
import io.djlnpu.timing.EnergyTable;
import io.djlnpu.timing.RunReport;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Published measurements beside the model's figures.
 *
 * @param points one entry a Gemma 3 cell of the paper
 * @param meanError mean of the absolute relative errors, over these cells
 * @param worstError largest absolute relative error
 * @param image an image and a short prompt to the first token
 * @param power published powers
 * @param energyTable what counts and seconds cost in joules, each entry with its source
 * @param others cells of other models on the same machine, on which no constant was fitted
 * @param othersMeanError mean of the absolute relative errors, over those cells
 * @param othersWorstError largest absolute relative error
 */
public record PublishedReport(
        List<Point> points,
        double meanError,
        double worstError,
        Point image,
        List<Power> power,
        EnergyTable energyTable,
        List<Point> others,
        double othersMeanError,
        double othersWorstError) {

    private static final int DECODE_CONTEXT = 1024;
    private static final int PREFILL_PROMPT = 4096;
    private static final String NPU_RAIL = "NPU rail, without memory";
    private static final String ALL_RAILS = "CPU, GPU and NPU rails, without memory";

    /** Copies the lists. */
    public PublishedReport {
        points = List.copyOf(points);
        power = List.copyOf(power);
        others = List.copyOf(others);
    }

    /**
     * A published cell.
     *
     * @param model {@code 1B}, {@code 4B} or another model's name
     * @param phase {@code prefill}, {@code decode} or {@code image}
     * @param context prompt tokens, or tokens in the cache
     * @param published the measured number: for Gemma 3's prefill and image seconds to the first
     *     token, otherwise tokens per second
     * @param predicted the model's
     * @param error {@code predicted / published - 1}
     * @param calibrated whether a constant of the device was fitted on this cell
     */
    public record Point(
            String model,
            String phase,
            int context,
            double published,
            double predicted,
            double error,
            boolean calibrated) {}

    /**
     * A published average power. The paper does not say over which lengths; predicted is decode at
     * 1,024 tokens and a prompt of 4,096.
     *
     * @param model {@code 1B}, {@code 4B} or {@code encoder}
     * @param phase {@code prefill}, {@code decode} or {@code image}
     * @param rails the boundary of the measurement
     * @param published watts
     * @param predicted the model's
     * @param error {@code predicted / published - 1}
     */
    public record Power(
            String model,
            String phase,
            String rails,
            double published,
            double predicted,
            double error) {}

    /**
     * Compares.
     *
     * @return all published cells
     */
    public static PublishedReport compare() {
        return compare(NpuDevice.KRACKAN);
    }

    /** Compares what the model says of another device, for calibration. */
    static PublishedReport compare(NpuDevice device) {
        JsonObject tables = load("published.json");
        Set<String> calibrated = new HashSet<>();
        tables.getAsJsonArray("calibrated").forEach(cell -> calibrated.add(cell.getAsString()));
        List<Point> points = new ArrayList<>();
        add(
                points,
                tables.getAsJsonObject("timeToFirstTokenSeconds"),
                "prefill",
                calibrated,
                device);
        add(points, tables.getAsJsonObject("decodeTokensPerSecond"), "decode", calibrated, device);
        List<Power> power = new ArrayList<>();
        addPower(power, tables.getAsJsonObject("npuRailWatts"), NPU_RAIL, device);
        addPower(power, tables.getAsJsonObject("allRailsWatts"), ALL_RAILS, device);
        addEncoder(power, tables.get("encoderWatts").getAsDouble());
        List<Point> others = new ArrayList<>();
        load("elsewhere.json")
                .getAsJsonArray("models")
                .forEach(model -> addOther(others, model.getAsJsonObject(), device));
        return new PublishedReport(
                points,
                mean(points),
                worst(points),
                image(tables.getAsJsonObject("imageToFirstTokenSeconds"), device),
                power,
                EnergyTable.KRACKAN,
                others,
                mean(others),
                worst(others));
    }

    private static double mean(List<Point> points) {
        return points.stream().mapToDouble(p -> Math.abs(p.error())).average().orElseThrow();
    }

    private static double worst(List<Point> points) {
        return points.stream().mapToDouble(p -> Math.abs(p.error())).max().orElseThrow();
    }

    private static DecoderSpec gemma(String name) {
        return name.equals("1B") ? PublishedModels.GEMMA3_1B : PublishedModels.GEMMA3_4B;
    }

    private static RunReport run(DecoderSpec shape, NpuDevice device, String phase, int tokens) {
        return phase.equals("prefill")
                ? Simulation.prefill(shape, device, tokens)
                : Simulation.decode(shape, device, tokens);
    }

    private static void add(
            List<Point> points,
            JsonObject table,
            String phase,
            Set<String> calibrated,
            NpuDevice device) {
        for (Map.Entry<String, JsonElement> model : table.entrySet()) {
            for (Map.Entry<String, JsonElement> cell :
                    model.getValue().getAsJsonObject().entrySet()) {
                int context = Integer.parseInt(cell.getKey());
                RunReport run = run(gemma(model.getKey()), device, phase, context);
                double published = cell.getValue().getAsDouble();
                double predicted = phase.equals("prefill") ? run.seconds() : run.tokensPerSecond();
                String name = model.getKey() + " " + phase + " " + context;
                points.add(
                        new Point(
                                model.getKey(),
                                phase,
                                context,
                                published,
                                predicted,
                                predicted / published - 1,
                                calibrated.contains(name)));
            }
        }
    }

    /** The paper does not say how short the prompt beside the image was. */
    private static Point image(JsonObject table, NpuDevice device) {
        RunReport run = Simulation.image(PublishedModels.GEMMA3_4B, device);
        double published = table.get("4B").getAsDouble();
        double error = run.seconds() / published - 1;
        return new Point("4B", "image", run.context(), published, run.seconds(), error, false);
    }

    private static void addPower(
            List<Power> power, JsonObject table, String rails, NpuDevice device) {
        for (Map.Entry<String, JsonElement> model : table.entrySet()) {
            for (Map.Entry<String, JsonElement> cell :
                    model.getValue().getAsJsonObject().entrySet()) {
                String phase = cell.getKey();
                int tokens = phase.equals("prefill") ? PREFILL_PROMPT : DECODE_CONTEXT;
                RunReport run = run(gemma(model.getKey()), device, phase, tokens);
                double joules =
                        run.energy().npu() + (rails.equals(NPU_RAIL) ? 0 : run.energy().rest());
                double published = cell.getValue().getAsDouble();
                double predicted = joules / run.seconds();
                power.add(
                        new Power(
                                model.getKey(),
                                phase,
                                rails,
                                published,
                                predicted,
                                predicted / published - 1));
            }
        }
    }

    /** Another's encoder on an HX 370, busy without a pause: beside it the tower's layers. */
    private static void addEncoder(List<Power> power, double published) {
        RunReport run = new Simulation(PublishedModels.GEMMA3_4B, NpuDevice.STRIX).tower();
        double predicted = run.joules() / run.seconds();
        power.add(
                new Power(
                        "encoder",
                        "image",
                        "NPU and memory (package, less idle and driving thread)",
                        published,
                        predicted,
                        predicted / published - 1));
    }

    private static void addOther(List<Point> others, JsonObject model, NpuDevice device) {
        DecoderSpec shape =
                PublishedModels.spec(
                        new DecoderSizes(
                                model.get("hidden").getAsInt(),
                                model.get("layers").getAsInt(),
                                model.get("heads").getAsInt(),
                                model.get("kvHeads").getAsInt(),
                                model.get("headDim").getAsInt(),
                                model.get("intermediate").getAsInt(),
                                model.get("vocab").getAsInt(),
                                Visibility.UNLIMITED),
                        PublishedModels.style(
                                NormPlacement.BEFORE, model.get("headNorms").getAsBoolean()),
                        0,
                        Visibility.UNLIMITED,
                        Optional.empty());
        for (String phase : List.of("prefill", "decode")) {
            int context = 1024;
            for (JsonElement cell : model.getAsJsonArray(phase)) {
                double published = cell.getAsDouble();
                double predicted = run(shape, device, phase, context).tokensPerSecond();
                others.add(
                        new Point(
                                model.get("name").getAsString(),
                                phase,
                                context,
                                published,
                                predicted,
                                predicted / published - 1,
                                false));
                context *= 2;
            }
        }
    }

    private static JsonObject load(String resource) {
        try (InputStream in = PublishedReport.class.getResourceAsStream(resource)) {
            return JsonParser.parseReader(new InputStreamReader(in, StandardCharsets.UTF_8))
                    .getAsJsonObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
