package io.djlnpu.generate.grammar;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Random schemas and random values, judged by another implementation: what the grammar accepts is
 * always valid, and what is valid and compact is nearly always accepted. So is every text that the
 * grammar makes by itself.
 */
class SchemaDifferentialTest {

    private static final int SCHEMAS = Integer.getInteger("npu.schemas", 5000);

    private final Random random = new Random(20261201);

    /** What is tried, for messages. */
    private JsonObject now;

    @Test
    void whatIsAcceptedIsValid() {
        SchemaRegistry registry =
                SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
        int compiled = 0;
        int valid = 0;
        int refused = 0;
        int invalid = 0;
        for (int i = 0; i < SCHEMAS; i++) {
            JsonObject schema = schema(3);
            schema.addProperty("type", one("object", "array", "string", "integer", "number"));
            OutputGrammar grammar;
            try {
                grammar = OutputGrammar.jsonSchema(schema);
            } catch (IllegalArgumentException e) {
                continue;
            }
            compiled++;
            now = schema;
            Schema judge = registry.getSchema(schema.toString(), InputFormat.JSON);
            for (int j = 0; j < 12; j++) {
                String text = j < 4 ? walk(grammar) : value(schema, 3).toString();
                if (text.matches("(?s).*[0-9.]{15,}.*")) {
                    continue; // the judge computes with doubles
                }
                boolean accepted = j < 4 || accepts(grammar, text);
                boolean isValid = judge.validate(text, InputFormat.JSON).isEmpty();
                assertThat(!accepted || isValid).as("%s of %s", text, schema).isTrue();
                valid += isValid ? 1 : 0;
                invalid += isValid ? 0 : 1;
                refused += isValid && !accepted ? 1 : 0;
            }
        }
        System.out.printf(
                "%d of %d schemas compiled; %d valid values, %d of them refused; %d invalid, none accepted%n",
                compiled, SCHEMAS, valid, refused, invalid);
        assertThat(compiled).isGreaterThan(SCHEMAS / 2);
        assertThat(invalid).isGreaterThan(SCHEMAS / 2);
        assertThat(refused).isLessThan(valid / 100);
    }

    private static boolean accepts(OutputGrammar grammar, String text) {
        int state = grammar.start();
        for (byte value : text.getBytes(StandardCharsets.UTF_8)) {
            state = grammar.step(state, value & 0xFF);
            if (state < 0) {
                return false;
            }
        }
        return grammar.isEnd(state);
    }

    /** Freely at first, then straight to the end. */
    private String walk(OutputGrammar grammar) {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        int state = grammar.start();
        int free = random.nextInt(40);
        for (int guard = 0; guard < 100_000; guard++) {
            int value = random.nextInt(256);
            if (text.size() >= free) {
                if (grammar.isEnd(state)) {
                    return text.toString(StandardCharsets.UTF_8);
                }
                value = grammar.byteTowardsEnd(state);
            }
            int next = grammar.step(state, value);
            if (next >= 0) {
                text.write(value);
                state = next;
            } else if (text.size() < free && grammar.isComplete(state)) {
                return text.toString(StandardCharsets.UTF_8);
            }
        }
        throw new AssertionError("no end after " + text + " of " + now);
    }

    private String one(String... choices) {
        return choices[random.nextInt(choices.length)];
    }

    private boolean chance(int in) {
        return random.nextInt(in) == 0;
    }

    private JsonObject schema(int depth) {
        JsonObject schema = new JsonObject();
        if (!chance(6)) {
            if (chance(8)) {
                JsonArray types = new JsonArray();
                types.add(one("string", "null", "object"));
                types.add(one("integer", "boolean", "array"));
                schema.add("type", types);
            } else {
                schema.addProperty(
                        "type",
                        one("string", "integer", "number", "boolean", "null", "object", "array"));
            }
        }
        for (int i = 1 + random.nextInt(3); i > 0; i--) {
            keyword(schema, depth);
        }
        return schema;
    }

    private void keyword(JsonObject schema, int depth) {
        switch (random.nextInt(depth > 0 ? 26 : 13)) {
            case 0 -> schema.addProperty("minLength", random.nextInt(4));
            case 1 -> schema.addProperty("maxLength", random.nextInt(6));
            case 2 ->
                    schema.addProperty(
                            "pattern",
                            one("^a", "b$", "^[ab]*$", "a|c", "^.{2,3}$", "é", "^(?!a)"));
            case 3 -> schema.addProperty("minimum", random.nextInt(21) - 10);
            case 4 -> schema.addProperty("maximum", (random.nextInt(200) - 100) / 10.0);
            case 5 -> schema.addProperty("exclusiveMinimum", (random.nextInt(40) - 20) / 4.0);
            case 6 -> schema.addProperty("exclusiveMaximum", random.nextInt(30) - 10);
            case 7 -> schema.addProperty("multipleOf", 1 + random.nextInt(7));
            case 8 -> schema.add("const", scalar());
            case 9 -> {
                JsonArray values = new JsonArray();
                for (int i = 1 + random.nextInt(4); i > 0; i--) {
                    values.add(scalar());
                }
                schema.add("enum", values);
            }
            case 10 -> schema.addProperty("minItems", random.nextInt(3));
            case 11 -> schema.addProperty("maxItems", random.nextInt(4));
            case 12 -> schema.addProperty("x-note", "y");
            case 13, 14, 15 -> {
                JsonObject properties = new JsonObject();
                for (int i = random.nextInt(4); i > 0; i--) {
                    properties.add(name(), schema(depth - 1));
                }
                schema.add("properties", properties);
            }
            case 16, 17 -> {
                JsonArray required = new JsonArray();
                required.add(name());
                schema.add("required", required);
            }
            case 18 -> schema.add("additionalProperties", subschema(depth));
            case 19 -> {
                JsonObject patterns = new JsonObject();
                patterns.add(one("^a", "b", "^.$"), schema(depth - 1));
                schema.add("patternProperties", patterns);
            }
            case 20 -> schema.add("items", subschema(depth));
            case 21 -> schema.add(one("anyOf", "allOf", "oneOf"), list(depth));
            case 22 -> schema.add("prefixItems", list(depth));
            case 23 -> schema.addProperty("minProperties", random.nextInt(3));
            case 24 -> schema.addProperty("maxProperties", random.nextInt(4));
            default -> {
                JsonObject not = new JsonObject();
                if (chance(2)) {
                    not.addProperty("type", one("string", "null", "array"));
                } else {
                    not.add("const", scalar());
                }
                schema.add("not", not);
            }
        }
    }

    private JsonElement subschema(int depth) {
        return chance(3) ? new JsonPrimitive(chance(2)) : schema(depth - 1);
    }

    private JsonArray list(int depth) {
        JsonArray list = new JsonArray();
        for (int i = 1 + random.nextInt(2); i > 0; i--) {
            list.add(schema(depth - 1));
        }
        return list;
    }

    private String name() {
        return one("a", "b", "ab", "c", "é\"\\");
    }

    private JsonElement scalar() {
        return switch (random.nextInt(6)) {
            case 0 -> JsonNull.INSTANCE;
            case 1 -> new JsonPrimitive(chance(2));
            case 2 -> new JsonPrimitive(random.nextInt(24) - 12);
            case 3 -> new JsonPrimitive((random.nextInt(400) - 200) / 8.0);
            default -> new JsonPrimitive(one("", "a", "b", "ab", "aab", "é", "\n", "c\"", "abcd"));
        };
    }

    /** A value with a fair chance to be valid. */
    private JsonElement value(JsonElement schema, int depth) {
        JsonObject hints = schema instanceof JsonObject object ? object : new JsonObject();
        if (hints.get("const") != null && !chance(3)) {
            return hints.get("const");
        }
        if (hints.get("enum") instanceof JsonArray values && !chance(3)) {
            return values.get(random.nextInt(values.size()));
        }
        String type = hints.get("type") instanceof JsonPrimitive name ? name.getAsString() : "";
        if (chance(8)) {
            type = one("object", "array", "string");
        }
        return switch (depth == 0 ? "" : type) {
            case "object" -> {
                JsonObject object = new JsonObject();
                JsonObject properties =
                        hints.get("properties") instanceof JsonObject some
                                ? some
                                : new JsonObject();
                for (String name : properties.keySet()) {
                    if (!chance(3)) {
                        object.add(name, value(properties.get(name), depth - 1));
                    }
                }
                if (chance(2)) {
                    object.add(name(), scalar());
                }
                yield object;
            }
            case "array" -> {
                JsonArray array = new JsonArray();
                JsonElement items = hints.has("items") ? hints.get("items") : new JsonObject();
                for (int i = random.nextInt(4); i > 0; i--) {
                    array.add(value(items, depth - 1));
                }
                yield array;
            }
            case "integer" -> new JsonPrimitive(random.nextInt(30) - 12);
            case "number" -> new JsonPrimitive((random.nextInt(400) - 200) / 8.0);
            case "string" -> new JsonPrimitive(one("", "a", "b", "ab", "aab", "é", "\n", "abcd"));
            case "boolean" -> new JsonPrimitive(chance(2));
            default -> scalar();
        };
    }
}
