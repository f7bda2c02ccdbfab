package io.djlnpu.simulate;

import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** The charts of the report, as inline SVG. */
final class SvgChart {

    private static final int WIDTH = 720;
    private static final int HEIGHT = 300;
    private static final int LEFT = 190;
    private static final int MARGIN = 30;
    private static final int BAR = 22;

    private SvgChart() {}

    /** A labelled value. */
    record Bar(String label, double value, String text) {}

    /** A labelled point. */
    record Mark(String label, double x, double y) {}

    /** Horizontal bars; values below zero grow to the left. */
    static String bars(List<Bar> bars) {
        double most = bars.stream().mapToDouble(b -> Math.abs(b.value())).max().orElse(1);
        boolean signed = bars.stream().anyMatch(b -> b.value() < 0);
        double zero = signed ? LEFT + (WIDTH - LEFT - 90) / 2.0 : LEFT;
        double scale = (signed ? 0.5 : 1) * (WIDTH - LEFT - 90) / (most > 0 ? most : 1);
        StringBuilder svg = open(bars.size() * BAR + 6);
        for (int i = 0; i < bars.size(); i++) {
            Bar bar = bars.get(i);
            double length = Math.abs(bar.value()) * scale;
            double start = bar.value() < 0 ? zero - length : zero;
            text(svg, LEFT - 6, i * BAR + 16, "end", bar.label());
            add(
                    svg,
                    "<rect x='%.1f' y='%d' width='%.1f' height='16' fill='%s'/>",
                    start,
                    i * BAR + 4,
                    length,
                    bar.value() < 0 ? "#c05030" : "#3070b0");
            text(svg, Math.max(zero, start + length) + 5, i * BAR + 16, "start", bar.text());
        }
        return svg.append("</svg>").toString();
    }

    /** A named line. */
    record Line(String label, List<Mark> points) {}

    /** Lines through points, both axes linear from zero. */
    static String lines(List<Line> lines, String xTitle, String yTitle) {
        double right = most(lines, Mark::x);
        double top = most(lines, Mark::y);
        StringBuilder svg = axes(xTitle, yTitle);
        for (int i = 0; i < lines.size(); i++) {
            StringBuilder path = new StringBuilder();
            StringBuilder marks = new StringBuilder();
            double x = 0;
            double y = 0;
            for (Mark point : lines.get(i).points()) {
                x = LEFT + point.x() / right * (WIDTH - LEFT - MARGIN);
                y = HEIGHT - MARGIN - point.y() / top * (HEIGHT - 2 * MARGIN);
                add(path, "%s%.1f %.1f", path.isEmpty() ? "M" : "L", x, y);
                mark(marks, x, y, point.label());
            }
            add(
                    svg,
                    "<path fill='none' stroke='hsl(%d,60%%,40%%)' stroke-width='2' d='",
                    210 + 360 * i / lines.size());
            svg.append(path).append("'/>").append(marks);
            text(svg, x, y - 7, "end", lines.get(i).label());
        }
        return svg.append("</svg>").toString();
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
        double ceiling = peak * 2;
        StringBuilder svg = axes("operations per DDR byte (log)", "operations/s (log)");
        add(
                svg,
                "<polyline fill='none' stroke='#888' points='%.1f,%.1f %.1f,%.1f %.1f,%.1f'/>",
                logX(low, low, high),
                logY(low * memory, floor, ceiling),
                logX(ridge, low, high),
                logY(peak, floor, ceiling),
                logX(high, low, high),
                logY(peak, floor, ceiling));
        for (Mark kernel : kernels) {
            mark(
                    svg,
                    logX(kernel.x(), low, high),
                    logY(kernel.y(), floor, ceiling),
                    kernel.label());
        }
        return svg.append("</svg>").toString();
    }

    private static double logX(double x, double low, double high) {
        return LEFT + Math.log(x / low) / Math.log(high / low) * (WIDTH - LEFT - MARGIN);
    }

    private static double logY(double y, double floor, double ceiling) {
        double part = Math.log(y / floor) / Math.log(ceiling / floor);
        return HEIGHT - MARGIN - part * (HEIGHT - 2 * MARGIN);
    }

    private static StringBuilder axes(String xTitle, String yTitle) {
        StringBuilder svg = open(HEIGHT);
        add(
                svg,
                "<path fill='none' stroke='#444' d='M%d %dV%dH%d'/>",
                LEFT,
                MARGIN,
                HEIGHT - MARGIN,
                WIDTH - MARGIN);
        text(svg, (WIDTH + LEFT) / 2.0, HEIGHT - 8, "middle", xTitle);
        text(svg, LEFT, 18, "middle", yTitle);
        return svg;
    }

    private static void mark(StringBuilder svg, double x, double y, String label) {
        add(svg, "<circle cx='%.1f' cy='%.1f' r='4' fill='#c05030'/>", x, y);
        text(svg, x - 6, y - 7, "end", label);
    }

    private static StringBuilder open(int height) {
        StringBuilder svg = new StringBuilder();
        add(
                svg,
                "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %d %d' width='%d'"
                        + " height='%d' font-family='sans-serif' font-size='12'>",
                WIDTH,
                height,
                WIDTH,
                height);
        return svg;
    }

    private static void text(StringBuilder svg, double x, double y, String anchor, String words) {
        add(svg, "<text x='%.1f' y='%.1f' text-anchor='%s'>", x, y, anchor);
        svg.append(escape(words)).append("</text>");
    }

    private static void add(StringBuilder target, String format, Object... values) {
        target.append(String.format(Locale.ROOT, format, values));
    }

    static String escape(String words) {
        return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
