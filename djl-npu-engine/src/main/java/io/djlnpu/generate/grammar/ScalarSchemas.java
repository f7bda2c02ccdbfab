package io.djlnpu.generate.grammar;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.lucene.util.automaton.Automaton;
import org.apache.lucene.util.automaton.Operations;

/** Schemas of values that hold no others: constants, strings, integers. */
final class ScalarSchemas {

    private static final String TWO = "[0-5][0-9]";
    private static final String DATE = "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])";
    private static final String TIME =
            "([01][0-9]|2[0-3]):" + TWO + ":" + TWO + "(Z|[+-]([01][0-9]|2[0-3]):" + TWO + ")";

    private static final Map<String, String> FORMATS =
            Map.of(
                    "date",
                    DATE,
                    "time",
                    TIME,
                    "date-time",
                    DATE + "T" + TIME,
                    "uuid",
                    "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");

    private ScalarSchemas() {}

    static Automaton literal(JsonElement value) {
        return JsonAutomata.text(value.toString());
    }

    static boolean fits(JsonElement value, JsonElement types) {
        if (types == null) {
            return true;
        }
        List<String> names = new ArrayList<>();
        if (types instanceof JsonArray several) {
            several.forEach(name -> names.add(name.getAsString()));
        } else {
            names.add(types.getAsString());
        }
        return names.stream().anyMatch(name -> isOf(value, name));
    }

    private static boolean isOf(JsonElement value, String type) {
        JsonPrimitive primitive = value instanceof JsonPrimitive p ? p : null;
        return switch (type) {
            case "null" -> value.isJsonNull();
            case "array" -> value.isJsonArray();
            case "object" -> value.isJsonObject();
            case "string" -> primitive != null && primitive.isString();
            case "boolean" -> primitive != null && primitive.isBoolean();
            case "number" -> primitive != null && primitive.isNumber();
            case "integer" ->
                    primitive != null
                            && primitive.isNumber()
                            && primitive.getAsDouble() == Math.rint(primitive.getAsDouble());
            default -> false;
        };
    }

    static Automaton string(JsonObject schema, String path) {
        int min = SchemaKeywords.count(schema, "minLength", 0, path);
        int max = SchemaKeywords.count(schema, "maxLength", -1, path);
        Automaton any = JsonAutomata.string(min, max);
        if (schema.has("format")) {
            String format = schema.get("format").getAsString();
            if (!FORMATS.containsKey(format)) {
                throw SchemaKeywords.unsupported(path, "format " + format);
            }
            any =
                    Operations.intersection(
                            any, matching(RegularExpression.whole(FORMATS.get(format))));
        }
        if (schema.has("pattern")) {
            String pattern = schema.get("pattern").getAsString();
            any = Operations.intersection(any, matching(RegularExpression.anywhere(pattern)));
        }
        return any;
    }

    /** What stands for itself within quotes, of the texts that are accepted. */
    private static Automaton matching(Automaton texts) {
        Automaton plain = Operations.repeat(JsonAutomata.plainCharacter());
        return JsonAutomata.quoted(
                Operations.intersection(OutputGrammar.determinize(texts), plain));
    }

    static Automaton integer(JsonObject schema, String path) {
        if (!schema.has("minimum") && !schema.has("maximum")) {
            return JsonAutomata.integer();
        }
        int least = SchemaKeywords.bound(schema, "minimum", -999_999_999, path);
        int most = SchemaKeywords.bound(schema, "maximum", 999_999_999, path);
        if (least > most) {
            throw SchemaKeywords.unsupported(
                    path, "minimum %d above maximum %d".formatted(least, most));
        }
        return JsonAutomata.integer(least, most);
    }
}
