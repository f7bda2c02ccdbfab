package io.djlnpu.simulate;

import java.util.List;
import java.util.Locale;

/** A bar chart as inline SVG, and what the report's charts have in common. */
final class SvgChart {

    static final int WIDTH = 760;

    private static final int LEFT = 190;
    private static final int TEXT = 90;
    private static final int BAR = 22;

    private SvgChart() {}

    /** A labelled value. */
    record Bar(String label, double value, String text) {}

    /** Horizontal bars; values below zero grow to the left. */
    static String bars(List<Bar> bars) {
        double most = bars.stream().mapToDouble(b -> Math.abs(b.value())).max().orElse(1);
        boolean signed = bars.stream().anyMatch(b -> b.value() < 0);
        double zero = signed ? LEFT + (WIDTH - LEFT - TEXT) / 2.0 : LEFT;
        double scale = (signed ? 0.5 : 1) * (WIDTH - LEFT - TEXT) / (most > 0 ? most : 1);
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

    static StringBuilder open(int height) {
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

    static void text(StringBuilder svg, double x, double y, String anchor, String words) {
        add(svg, "<text x='%.1f' y='%.1f' text-anchor='%s'>", x, y, anchor);
        svg.append(escape(words)).append("</text>");
    }

    static void add(StringBuilder target, String format, Object... values) {
        target.append(String.format(Locale.ROOT, format, values));
    }

    static String escape(String words) {
        return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
