package io.djlnpu.translate;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A request's readers, for what makes up inputs; forms of answers have budgets of their own. */
public final class RequestFuzz {

    private RequestFuzz() {}

    /** Reads a request up to where a model is needed. */
    public static void read(byte[] input) throws IOException {
        try {
            List<String> faults = new ArrayList<>();
            JsonElement json = StrictJson.parse(new String(input, StandardCharsets.UTF_8), faults);
            if (json instanceof JsonObject request) {
                request.remove("response_format");
                request.remove("grammar");
                RequestFields.check(request, true, faults);
                GenerationParameters.read(Path.of("."), request);
                if (request.has("messages")) {
                    ChatMessages.read(request.get("messages"), part -> {});
                    ChatMessages.tools(request);
                }
            }
        } catch (IllegalArgumentException e) {
            // refused
        }
    }
}
