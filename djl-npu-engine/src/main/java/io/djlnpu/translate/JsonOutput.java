package io.djlnpu.translate;

import ai.djl.util.JsonUtils;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.annotations.SerializedName;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * A class that answers can become by way of JSON, known by its form alone: a static {@code
 * fromJson(String)}, a static {@code fromJson(Iterator)} for answers that come piece by piece, or
 * fields named as in the JSON. DJL's generative types, such as {@code ChatOutput} and {@code
 * StreamChatOutput}, are of this form; their jar is not needed here.
 *
 * @param <O> the class
 */
final class JsonOutput<O> {

    private static final JsonObject PROBE =
            JsonUtils.GSON.fromJson(
                    "{\"choices\":[{\"index\":0,\"logprobs\":{\"content\":[]}}]}",
                    JsonObject.class);

    private final Class<O> type;
    private final Optional<Method> fromText;
    private final Optional<Method> fromPieces;
    private final boolean flatLogProbs;

    JsonOutput(Class<O> type) {
        this.type = type;
        fromText = factory(type, String.class);
        fromPieces = factory(type, Iterator.class);
        flatLogProbs = !readsProbe();
    }

    static boolean accepts(Class<?> type) {
        return factory(type, String.class).isPresent()
                || factory(type, Iterator.class).isPresent()
                || hasAnswerField(type.isArray() ? type.componentType() : type);
    }

    private static Optional<Method> factory(Class<?> type, Class<?> parameter) {
        try {
            Method method = type.getDeclaredMethod("fromJson", parameter);
            boolean fits =
                    Modifier.isStatic(method.getModifiers())
                            && Modifier.isPublic(method.getModifiers())
                            && type.isAssignableFrom(method.getReturnType());
            return fits ? Optional.of(method) : Optional.empty();
        } catch (NoSuchMethodException e) {
            return Optional.empty();
        }
    }

    private static boolean hasAnswerField(Class<?> type) {
        return Arrays.stream(type.getDeclaredFields())
                .map(JsonOutput::jsonName)
                .anyMatch(name -> name.equals("generated_text") || name.equals("choices"));
    }

    private static String jsonName(Field field) {
        SerializedName name = field.getAnnotation(SerializedName.class);
        return name == null ? field.getName() : name.value();
    }

    /** Whether it takes its answers piece by piece, and only so. */
    boolean streams() {
        return fromPieces.isPresent() && fromText.isEmpty();
    }

    O whole(JsonElement json) {
        JsonElement fitting = fit(json);
        if (type.isArray() && !fitting.isJsonArray()) {
            JsonArray one = new JsonArray();
            one.add(fitting);
            fitting = one;
        }
        return fromText.isPresent()
                ? call(fromText.get(), fitting.toString())
                : JsonUtils.GSON.fromJson(fitting, type);
    }

    O pieces(Iterator<JsonObject> pieces) {
        return call(
                fromPieces.orElseThrow(),
                new Iterator<String>() {
                    @Override
                    public boolean hasNext() {
                        return pieces.hasNext();
                    }

                    @Override
                    public String next() {
                        return fit(pieces.next()).toString();
                    }
                });
    }

    /** DJL's versions differ in whether {@code logprobs} is OpenAI's object or its bare list. */
    private JsonElement fit(JsonElement json) {
        if (flatLogProbs
                && json instanceof JsonObject object
                && object.get("choices") instanceof JsonArray choices) {
            for (JsonElement choice : choices) {
                if (choice.getAsJsonObject().remove("logprobs") instanceof JsonObject logProbs) {
                    choice.getAsJsonObject().add("logprobs", logProbs.get("content"));
                }
            }
        }
        return json;
    }

    private boolean readsProbe() {
        try {
            if (streams()) {
                Iterator<String> once = List.of(PROBE.toString()).iterator();
                if (call(fromPieces.orElseThrow(), once) instanceof Iterable<?> answers) {
                    answers.iterator().next();
                }
            } else if (fromText.isPresent()) {
                call(fromText.get(), PROBE.toString());
            }
            return true;
        } catch (JsonParseException e) {
            return false;
        }
    }

    private O call(Method method, Object argument) {
        try {
            return type.cast(method.invoke(null, argument));
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(method + " failed", e.getCause());
        } catch (IllegalAccessException e) {
            throw new IllegalArgumentException(
                    method + " cannot be called; make its class public", e);
        }
    }
}
