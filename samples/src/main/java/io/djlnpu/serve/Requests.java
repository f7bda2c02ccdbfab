package io.djlnpu.serve;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonPrimitive;
import com.google.gson.Strictness;
import io.helidon.common.buffers.DataReader;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Reads bodies and their fields. */
final class Requests {

    private static final Gson STRICT =
            new GsonBuilder().setStrictness(Strictness.STRICT).serializeNulls().create();

    private Requests() {}

    /**
     * Reads a body of a bounded length.
     *
     * @throws CloseConnectionException if it does not come in time
     * @throws ApiException 413 if it is longer, 400 if it is no JSON object
     */
    static JsonObject read(ServerRequest request, int maxBody, Deadline deadline) {
        byte[] body;
        try {
            body = deadline.within(() -> request.content().inputStream().readNBytes(maxBody + 1));
        } catch (IOException
                | UncheckedIOException
                | DataReader.InsufficientDataAvailableException e) {
            throw new CloseConnectionException("the body did not come", e);
        }
        if (body.length > maxBody) {
            throw tooLarge(maxBody);
        }
        try {
            JsonElement json =
                    STRICT.fromJson(new String(body, StandardCharsets.UTF_8), JsonElement.class);
            if (json instanceof JsonObject object) {
                return object;
            }
        } catch (JsonParseException e) {
            throw ApiException.badRequest("the body is no JSON: " + e.getMessage());
        }
        throw ApiException.badRequest("the body is no JSON object");
    }

    static ApiException tooLarge(long maxBody) {
        return new ApiException(
                413, "request_too_large", "the body has more than %d bytes".formatted(maxBody));
    }

    static boolean isAbsent(JsonObject json, String name) {
        return !json.has(name) || json.get(name).isJsonNull();
    }

    static boolean isTrue(JsonObject json, String name) {
        if (isAbsent(json, name)) {
            return false;
        }
        if (json.get(name) instanceof JsonPrimitive p && p.isBoolean()) {
            return p.getAsBoolean();
        }
        throw ApiException.badRequest(
                "'%s' is %s, expected true or false".formatted(name, json.get(name)));
    }

    /** A text, or null where there is none. */
    static String text(JsonObject json, String name) {
        if (isAbsent(json, name)) {
            return null;
        }
        if (json.get(name) instanceof JsonPrimitive p && p.isString()) {
            return p.getAsString();
        }
        throw ApiException.badRequest(
                "'%s' is %s, expected a text".formatted(name, json.get(name)));
    }

    /** An object, empty where there is none. */
    static JsonObject object(JsonObject json, String name) {
        if (isAbsent(json, name)) {
            return new JsonObject();
        }
        if (json.get(name) instanceof JsonObject object) {
            return object;
        }
        throw ApiException.badRequest(
                "'%s' is %s, expected an object".formatted(name, json.get(name)));
    }

    /** A list, empty where there is none. */
    static JsonArray list(JsonObject json, String name) {
        if (isAbsent(json, name)) {
            return new JsonArray();
        }
        if (json.get(name) instanceof JsonArray list) {
            return list;
        }
        throw ApiException.badRequest(
                "'%s' is %s, expected a list".formatted(name, json.get(name)));
    }
}
