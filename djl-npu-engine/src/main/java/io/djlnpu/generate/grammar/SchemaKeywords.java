package io.djlnpu.generate.grammar;

import java.util.Set;
import java.util.TreeSet;

/** Which words of a schema constrain; any other one annotates. */
final class SchemaKeywords {

    /** Held to, where the rest of the schema lets them. */
    private static final Set<String> HELD =
            Set.of(
                    "type",
                    "enum",
                    "const",
                    "anyOf",
                    "oneOf",
                    "allOf",
                    "not",
                    "if",
                    "then",
                    "else",
                    "$ref",
                    "properties",
                    "required",
                    "additionalProperties",
                    "patternProperties",
                    "propertyNames",
                    "minProperties",
                    "maxProperties",
                    "dependencies",
                    "dependentRequired",
                    "dependentSchemas",
                    "unevaluatedProperties",
                    "items",
                    "prefixItems",
                    "additionalItems",
                    "unevaluatedItems",
                    "minItems",
                    "maxItems",
                    "uniqueItems",
                    "minLength",
                    "maxLength",
                    "pattern",
                    "format",
                    "minimum",
                    "maximum",
                    "exclusiveMinimum",
                    "exclusiveMaximum",
                    "multipleOf");

    private static final Set<String> REFUSED =
            Set.of("contains", "minContains", "maxContains", "$dynamicRef", "$recursiveRef");

    /** Words that only say something about a schema, and are no surprise. */
    private static final Set<String> ANNOTATIONS =
            Set.of(
                    "title",
                    "description",
                    "default",
                    "examples",
                    "example",
                    "deprecated",
                    "readOnly",
                    "writeOnly",
                    "strict",
                    "$schema",
                    "$id",
                    "id",
                    "$anchor",
                    "$comment",
                    "$defs",
                    "definitions",
                    "$vocabulary",
                    "contentEncoding",
                    "contentMediaType");

    private SchemaKeywords() {}

    /** Refuses what constrains and cannot be held; notes what is left out of account. */
    static void check(Place place, Set<String> ignored) {
        for (String name : new TreeSet<>(place.schema().keySet())) {
            if (REFUSED.contains(name)) {
                throw place.unsupported("keyword '" + name + "'");
            }
            if (!HELD.contains(name) && !ANNOTATIONS.contains(name)) {
                ignored.add(name);
            }
        }
    }
}
