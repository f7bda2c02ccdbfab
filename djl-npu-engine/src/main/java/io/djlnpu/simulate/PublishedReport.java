package io.djlnpu.simulate;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.djlnpu.tile.NpuDevice;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The paper's tables beside the model's.
 *
 * @param points one entry a published cell
 * @param meanError mean of the absolute relative errors, over all cells
 * @param worstError largest absolute relative error
 */
public record PublishedReport(List<Point> points, double meanError, double worstError) {

    /** Copies the list. */
    public PublishedReport {
        points = List.copyOf(points);
    }

    /**
     * A published cell.
     *
     * @param model {@code 1B} or {@code 4B}
     * @param phase {@code prefill}: seconds to the first token; {@code decode}: tokens per second
     * @param context prompt tokens, or tokens in the cache
     * @param published the paper's number
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
     * Compares.
     *
     * @return all published Gemma 3 cells
     */
    public static PublishedReport compare() {
        JsonObject tables = load();
        Set<String> calibrated = new HashSet<>();
        tables.getAsJsonArray("calibrated").forEach(cell -> calibrated.add(cell.getAsString()));
        List<Point> points = new ArrayList<>();
        add(points, tables.getAsJsonObject("timeToFirstTokenSeconds"), "prefill", calibrated);
        add(points, tables.getAsJsonObject("decodeTokensPerSecond"), "decode", calibrated);
        double mean = points.stream().mapToDouble(p -> Math.abs(p.error())).average().orElseThrow();
        double worst = points.stream().mapToDouble(p -> Math.abs(p.error())).max().orElseThrow();
        return new PublishedReport(points, mean, worst);
    }

    private static void add(
            List<Point> points, JsonObject table, String phase, Set<String> calibrated) {
        for (Map.Entry<String, JsonElement> model : table.entrySet()) {
            DecoderShape shape =
                    model.getKey().equals("1B") ? DecoderShape.GEMMA3_1B : DecoderShape.GEMMA3_4B;
            for (Map.Entry<String, JsonElement> cell :
                    model.getValue().getAsJsonObject().entrySet()) {
                int context = Integer.parseInt(cell.getKey());
                double published = cell.getValue().getAsDouble();
                double predicted =
                        phase.equals("prefill")
                                ? Simulation.prefill(shape, NpuDevice.KRACKAN, context).seconds()
                                : Simulation.decode(shape, NpuDevice.KRACKAN, context)
                                        .tokensPerSecond();
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

    private static JsonObject load() {
        try (InputStream in = PublishedReport.class.getResourceAsStream("published.json")) {
            return JsonParser.parseReader(new InputStreamReader(in, StandardCharsets.UTF_8))
                    .getAsJsonObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
