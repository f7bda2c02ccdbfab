package io.djlnpu.template;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;

/** What transformers makes of templates, written by {@code make.py}. */
final class Expected {

    /** The time that {@code make.py} takes for now. */
    private static final Clock NOW =
            Clock.fixed(Instant.parse("2026-03-04T15:06:07Z"), ZoneOffset.UTC);

    private Expected() {}

    static String text(String resource) throws IOException {
        try (InputStream in = Expected.class.getResourceAsStream(resource)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    static JsonObject json(String resource) throws IOException {
        return JsonParser.parseString(text(resource)).getAsJsonObject();
    }

    /** The text, or null if the template is refused. */
    static String rendered(String template, JsonObject values) {
        try {
            return Template.parse(template).render(values, Limits.PROMPT, NOW);
        } catch (TemplateException e) {
            return null;
        }
    }
}
