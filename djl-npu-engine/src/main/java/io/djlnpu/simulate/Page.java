package io.djlnpu.simulate;

import java.util.List;
import java.util.Locale;

/** An HTML page that loads nothing. */
final class Page {

    private final StringBuilder html = new StringBuilder();

    Page(String title) {
        html.append("<!DOCTYPE html><html lang='en'><meta charset='utf-8'><title>")
                .append(SvgChart.escape(title))
                .append("</title><style>body{font:14px sans-serif;margin:2em;max-width:860px}")
                .append("td,th{padding:2px 10px;text-align:right;white-space:nowrap}")
                .append("table{border-collapse:collapse}td{vertical-align:top}")
                .append("tr+tr{border-top:1px solid #ddd}")
                .append(":is(td,th):is(:first-child,:last-child){text-align:left}")
                .append("td:last-child{white-space:normal}</style>");
        title(1, title);
    }

    Page title(int level, String words) {
        html.append("<h" + level + ">").append(SvgChart.escape(words)).append("</h" + level + ">");
        return this;
    }

    Page paragraph(String format, Object... values) {
        html.append("<p>")
                .append(SvgChart.escape(String.format(Locale.ROOT, format, values)))
                .append("</p>");
        return this;
    }

    Page chart(String svg) {
        html.append(svg);
        return this;
    }

    Page table(List<String> heads, List<List<String>> rows) {
        html.append("<table><tr>");
        heads.forEach(head -> cell("th", head));
        html.append("</tr>");
        for (List<String> row : rows) {
            html.append("<tr>");
            row.forEach(text -> cell("td", text));
            html.append("</tr>");
        }
        html.append("</table>");
        return this;
    }

    private void cell(String tag, String text) {
        html.append("<" + tag + ">").append(SvgChart.escape(text)).append("</" + tag + ">");
    }

    static String number(String format, double value) {
        return String.format(Locale.ROOT, format, value);
    }

    @Override
    public String toString() {
        return html + "</html>\n";
    }
}
