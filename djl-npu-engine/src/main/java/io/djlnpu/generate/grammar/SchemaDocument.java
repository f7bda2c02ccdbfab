package io.djlnpu.generate.grammar;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** The document that references point into: by pointer, by anchor, or by the name of a part. */
final class SchemaDocument {

    private static final int MAX_DEPTH = 200;

    private final JsonObject root;
    private final Map<String, Place> named = new HashMap<>();

    /** Whether what stands beside a reference does not count: so until draft 7. */
    final boolean referencesStandAlone;

    SchemaDocument(JsonObject root) {
        this.root = root;
        String dialect =
                root.get("$schema") instanceof JsonPrimitive stated ? stated.getAsString() : "";
        referencesStandAlone = dialect.matches(".*draft-0[3-7].*");
        collect(root, "#", 0);
    }

    Place root() {
        return new Place(root, "#");
    }

    private void collect(JsonElement element, String pointer, int depth) {
        if (depth > MAX_DEPTH) {
            throw new IllegalArgumentException(
                    "JSON schema, %s: nested deeper than %d".formatted(pointer, MAX_DEPTH));
        }
        if (element instanceof JsonObject object) {
            for (String key : new String[] {"$id", "id", "$anchor"}) {
                if (object.get(key) instanceof JsonPrimitive name && name.isString()) {
                    String value = name.getAsString();
                    named.putIfAbsent(
                            key.equals("$anchor") ? "#" + value : value,
                            new Place(object, pointer));
                }
            }
            for (Map.Entry<String, JsonElement> entry : object.entrySet()) {
                collect(entry.getValue(), pointer + "/" + escaped(entry.getKey()), depth + 1);
            }
        } else if (element instanceof JsonArray array) {
            for (int i = 0; i < array.size(); i++) {
                collect(array.get(i), pointer + "/" + i, depth + 1);
            }
        }
    }

    static String escaped(String name) {
        return name.replace("~", "~0").replace("/", "~1");
    }

    /** What a reference points at. */
    Place resolve(Place from) {
        if (!(from.get("$ref") instanceof JsonPrimitive stated) || !stated.isString()) {
            throw from.malformed("$ref", "a reference");
        }
        String reference = stated.getAsString();
        if (reference.equals("#") || named.containsKey(reference)) {
            return reference.equals("#") ? root() : named.get(reference);
        }
        int hash = reference.indexOf('#');
        String base = hash < 0 ? reference : reference.substring(0, hash);
        String id =
                root.get(root.has("$id") ? "$id" : "id") instanceof JsonPrimitive own
                        ? own.getAsString().replaceFirst("#$", "")
                        : "";
        if (!base.isEmpty() && !base.equals(id)) {
            if (named.containsKey(base) && hash == reference.length() - 1) {
                return named.get(base);
            }
            throw from.unsupported("$ref to another document: " + reference);
        }
        if (hash < 0) {
            return root();
        }
        return walk(reference.substring(hash + 1), from);
    }

    private Place walk(String fragment, Place from) {
        JsonElement target = root;
        StringBuilder pointer = new StringBuilder("#");
        for (String part : decoded(fragment, from).split("/")) {
            if (part.isEmpty()) {
                continue;
            }
            String name = part.replace("~1", "/").replace("~0", "~");
            pointer.append('/').append(part);
            if (target instanceof JsonObject object) {
                target = object.get(name);
            } else if (target instanceof JsonArray array && name.matches("[0-9]{1,6}")) {
                int index = Integer.parseInt(name);
                target = index < array.size() ? array.get(index) : null;
            } else {
                target = null;
            }
        }
        if (target == null) {
            throw new IllegalArgumentException(
                    "JSON schema, %s: no such place: #%s".formatted(from.pointer(), fragment));
        }
        return Place.of(target, pointer.toString());
    }

    /** A pointer within a URL: what percent signs stand for is read first. */
    private static String decoded(String fragment, Place from) {
        try {
            return URLDecoder.decode(fragment.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "JSON schema, %s: $ref #%s: %s"
                            .formatted(from.pointer(), fragment, e.getMessage()),
                    e);
        }
    }
}
