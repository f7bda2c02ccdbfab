package io.djlnpu.simulate;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** Plots with two axes, as inline SVG. */
final class SvgPlot {

    private static final int HEIGHT = 340;
    private static final int LEFT = 70;
    private static final int RIGHT = 20;
    private static final int TOP = 30;
    private static final int BOTTOM = 45;
    private static final int LETTER = 7;
    private static final int LINE = 14;

    private final Axis across;
    private final Axis up;
    private final StringBuilder svg = SvgChart.open(HEIGHT);
    private final List<double[]> labels = new ArrayList<>();

    /** A labelled point. */
    record Mark(String label, double x, double y) {}

    /** A named line. */
    record Line(String label, List<Mark> points) {}

    private SvgPlot(Axis across, Axis up) {
        this.across = across;
        this.up = up;
        for (double tick : across.ticks()) {
            grid(x(tick), HEIGHT - BOTTOM, x(tick), TOP);
            SvgChart.text(svg, x(tick), HEIGHT - BOTTOM + 16, "middle", Axis.number(tick));
        }
        for (double tick : up.ticks()) {
            grid(LEFT, y(tick), SvgChart.WIDTH - RIGHT, y(tick));
            SvgChart.text(svg, LEFT - 6, y(tick) + 4, "end", Axis.number(tick));
        }
        SvgChart.text(
                svg, (SvgChart.WIDTH + LEFT - RIGHT) / 2.0, HEIGHT - 8, "middle", across.title());
        SvgChart.text(svg, 4, 16, "start", up.title());
    }

    /** Lines through points, both axes from zero; several are told apart by a legend. */
    static String lines(List<Line> lines, String xTitle, String yTitle) {
        SvgPlot plot =
                new SvgPlot(
                        Axis.fromZero(xTitle, most(lines, Mark::x)),
                        Axis.fromZero(yTitle, 1.05 * most(lines, Mark::y)));
        for (int i = 0; i < lines.size(); i++) {
            Line line = lines.get(i);
            String colour =
                    String.format("hsl(%d,60%%,40%%)", (210 + 360 * i / lines.size()) % 360);
            StringBuilder path = new StringBuilder();
            for (Mark mark : line.points()) {
                SvgChart.add(
                        path,
                        "%s%.1f %.1f",
                        path.isEmpty() ? "M" : "L",
                        plot.x(mark.x()),
                        plot.y(mark.y()));
            }
            SvgChart.add(plot.svg, "<path fill='none' stroke='%s' stroke-width='2' d='", colour);
            plot.svg.append(path).append("'/>");
            line.points().forEach(mark -> plot.mark(mark, colour));
            if (!line.label().isEmpty()) {
                double height = HEIGHT - BOTTOM - 10 - LINE * (lines.size() - 1.0 - i);
                SvgChart.add(
                        plot.svg,
                        "<path stroke='%s' stroke-width='3' d='M%d %.1fh18'/>",
                        colour,
                        SvgChart.WIDTH - 180,
                        height - 4);
                SvgChart.text(plot.svg, SvgChart.WIDTH - 156, height, "start", line.label());
            }
        }
        return plot.svg.append("</svg>").toString();
    }

    private static double most(List<Line> lines, ToDoubleFunction<Mark> axis) {
        return lines.stream()
                .flatMap(line -> line.points().stream())
                .mapToDouble(axis)
                .max()
                .orElse(1);
    }

    /**
     * A roofline: operations per byte against operations per second, both logarithmic.
     *
     * @param peak operations per second of the multipliers
     * @param memory bytes per second
     */
    static String roofline(List<Mark> kernels, double peak, double memory) {
        double ridge = peak / memory;
        double low = Math.min(ridge, kernels.stream().mapToDouble(Mark::x).min().orElse(1)) / 4;
        double high = Math.max(ridge, kernels.stream().mapToDouble(Mark::x).max().orElse(1)) * 4;
        double floor =
                Math.min(low * memory, kernels.stream().mapToDouble(Mark::y).min().orElse(peak))
                        / 2;
        SvgPlot plot =
                new SvgPlot(
                        new Axis("operations per DDR byte", low, high, true),
                        new Axis("operations/s", floor, peak * 2, true));
        SvgChart.add(
                plot.svg,
                "<polyline fill='none' stroke='#888' stroke-width='2' points='%.1f,%.1f %.1f,%.1f"
                        + " %.1f,%.1f'/>",
                plot.x(low),
                plot.y(low * memory),
                plot.x(ridge),
                plot.y(peak),
                plot.x(high),
                plot.y(peak));
        kernels.forEach(kernel -> plot.mark(kernel, "#c05030"));
        return plot.svg.append("</svg>").toString();
    }

    private double x(double value) {
        return LEFT + across.part(value) * (SvgChart.WIDTH - LEFT - RIGHT);
    }

    private double y(double value) {
        return HEIGHT - BOTTOM - up.part(value) * (HEIGHT - TOP - BOTTOM);
    }

    private void grid(double x, double y, double toX, double toY) {
        SvgChart.add(svg, "<path stroke='#ddd' d='M%.1f %.1fL%.1f %.1f'/>", x, y, toX, toY);
    }

    private void mark(Mark mark, String colour) {
        double x = x(mark.x());
        double y = y(mark.y());
        SvgChart.add(svg, "<circle cx='%.1f' cy='%.1f' r='4' fill='%s'/>", x, y, colour);
        if (mark.label().isEmpty()) {
            return;
        }
        double width = LETTER * mark.label().length();
        boolean right = x + width + 8 < SvgChart.WIDTH - RIGHT;
        double start = right ? x + 8 : x - 8 - width;
        // down until it covers no other label
        double line = y - 4;
        while (isTaken(start, line, width)) {
            line += LINE;
        }
        labels.add(new double[] {start, line, width});
        SvgChart.text(svg, right ? start : x - 8, line, right ? "start" : "end", mark.label());
    }

    private boolean isTaken(double start, double line, double width) {
        return labels.stream()
                .anyMatch(
                        other ->
                                start < other[0] + other[2]
                                        && other[0] < start + width
                                        && Math.abs(line - other[1]) < LINE);
    }
}
