package io.djlnpu.translate;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;

/** What of a request had no effect, to be told once with its answer. Belongs to one request. */
final class Warnings {

    private static final int MOST = 32;

    private final List<String> untold;

    private Warnings(List<String> untold) {
        this.untold = untold;
    }

    /**
     * Takes the faults of a request.
     *
     * @param strict whether any of them refuses it
     * @throws IllegalArgumentException if it is refused
     */
    static Warnings of(List<String> faults, boolean strict) {
        if (strict && !faults.isEmpty()) {
            throw new IllegalArgumentException(
                    "refused, as 'strict' is true: " + faults.getFirst());
        }
        return new Warnings(new ArrayList<>(faults.subList(0, Math.min(MOST, faults.size()))));
    }

    /** Adds one that comes up later. */
    void add(String warning) {
        if (untold.size() < MOST) {
            untold.add(warning);
        }
    }

    /** Adds {@code warnings} to an answer, or to the first of several, unless they were told. */
    void addTo(JsonElement json) {
        JsonElement first = json instanceof JsonArray list && !list.isEmpty() ? list.get(0) : json;
        if (!untold.isEmpty() && first instanceof JsonObject object) {
            JsonArray all =
                    object.get("warnings") instanceof JsonArray told ? told : new JsonArray();
            untold.forEach(all::add);
            object.add("warnings", all);
            untold.clear();
        }
    }
}
