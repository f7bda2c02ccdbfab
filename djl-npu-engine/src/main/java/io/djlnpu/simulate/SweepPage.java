package io.djlnpu.simulate;

import io.djlnpu.simulate.SvgPlot.Line;
import io.djlnpu.simulate.SvgPlot.Mark;
import io.djlnpu.tile.NpuDevice.Parameter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;

/** A sweep as one HTML file that loads nothing: a plot over its last axis, and a table. */
public final class SweepPage {

    private SweepPage() {}

    /**
     * Writes a sweep.
     *
     * @param axes its axes
     * @param points its points
     * @param file where to; replaced if it exists
     * @throws IOException if it cannot be written
     */
    public static void write(List<Sweep.Axis> axes, List<Sweep.Point> points, Path file)
            throws IOException {
        Files.writeString(file, html(axes, points));
    }

    static String html(List<Sweep.Axis> axes, List<Sweep.Point> points) {
        Parameter last = axes.getLast().parameter();
        Map<String, List<Mark>> lines = new LinkedHashMap<>();
        List<List<String>> rows = new ArrayList<>();
        for (Sweep.Point point : points) {
            double x = point.settings().get(last);
            double rate = point.report().tokensPerSecond();
            lines.computeIfAbsent(settings(point, last), key -> new ArrayList<>())
                    .add(new Mark("", x, rate));
            List<String> row = new ArrayList<>();
            point.settings().values().forEach(value -> row.add(Axis.number(value)));
            row.add(Page.number("%.4f", 1e3 * point.report().seconds()));
            row.add(Page.number("%.2f", rate));
            row.add(Page.number("%.3f", 1e3 * point.report().joulesPerToken()));
            row.add(point.report().bound().toString());
            rows.add(row);
        }
        List<String> heads = new ArrayList<>();
        axes.forEach(axis -> heads.add(name(axis.parameter())));
        heads.addAll(List.of("ms", "tokens/s", "mJ a token", "bound"));
        return new Page("What if: " + String.join(", ", heads.subList(0, axes.size())))
                .chart(
                        SvgPlot.lines(
                                lines.entrySet().stream()
                                        .map(line -> new Line(line.getKey(), line.getValue()))
                                        .toList(),
                                name(last),
                                "tokens/s"))
                .table(heads, rows)
                .toString();
    }

    private static String name(Parameter parameter) {
        return parameter.toString().toLowerCase(Locale.ROOT);
    }

    /** The other parameters' values, which name a line. */
    private static String settings(Sweep.Point point, Parameter except) {
        StringJoiner words = new StringJoiner(", ");
        point.settings()
                .forEach(
                        (parameter, value) -> {
                            if (parameter != except) {
                                words.add(name(parameter) + " " + Axis.number(value));
                            }
                        });
        return words.toString();
    }
}
