package io.djlnpu.serve;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.djlnpu.generate.Tokenizer;
import io.helidon.webserver.http.ServerResponse;

/** What llama-server's clients ask beside answers, and OpenAI's list of models. */
final class LocalRoutes {

    private final ServedModels models;
    private final int slots;

    LocalRoutes(ServedModels models, int slots) {
        this.models = models;
        this.slots = slots;
    }

    void health(ServerResponse response) {
        models.all();
        JsonObject json = new JsonObject();
        json.addProperty("status", "ok");
        Responses.send(response, json);
    }

    void models(ServerResponse response) {
        JsonArray data = new JsonArray();
        models.all().forEach(model -> data.add(model(model)));
        JsonObject json = new JsonObject();
        json.addProperty("object", "list");
        json.add("data", data);
        Responses.send(response, json);
    }

    void model(String name, ServerResponse response) {
        Responses.send(response, model(models.named(name)));
    }

    private static JsonObject model(ServedModel model) {
        JsonObject json = new JsonObject();
        json.addProperty("id", model.name());
        json.addProperty("object", "model");
        json.addProperty("created", model.loaded().getEpochSecond());
        json.addProperty("owned_by", "local");
        return json;
    }

    void props(ServerResponse response) {
        ServedModel model = models.named(null);
        JsonObject settings = new JsonObject();
        settings.addProperty("n_ctx", model.maxContext());
        JsonObject json = new JsonObject();
        json.add("default_generation_settings", settings);
        json.addProperty("total_slots", slots);
        json.addProperty("model_alias", model.name());
        Responses.send(response, json);
    }

    void tokenize(JsonObject request, ServerResponse response) {
        Tokenizer tokenizer = models.named(Requests.text(request, "model")).tokenizer();
        String content = Requests.text(request, "content");
        if (content == null) {
            throw ApiException.badRequest("'content' is missing");
        }
        JsonArray tokens = new JsonArray();
        for (int id : tokenizer.encode(content, Requests.isTrue(request, "add_special"))) {
            tokens.add(id);
        }
        JsonObject json = new JsonObject();
        json.add("tokens", tokens);
        Responses.send(response, json);
    }

    void detokenize(JsonObject request, ServerResponse response) {
        Tokenizer tokenizer = models.named(Requests.text(request, "model")).tokenizer();
        JsonArray tokens = Requests.list(request, "tokens");
        int[] ids = new int[tokens.size()];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = id(tokens.get(i));
        }
        JsonObject json = new JsonObject();
        json.addProperty("content", tokenizer.decode(ids, false));
        Responses.send(response, json);
    }

    private static int id(JsonElement token) {
        try {
            int id = token.getAsBigDecimal().intValueExact();
            if (id >= 0) {
                return id;
            }
        } catch (ArithmeticException
                | NumberFormatException
                | IllegalStateException
                | UnsupportedOperationException e) {
            // told below
        }
        throw ApiException.badRequest("'tokens' holds " + token + ", no token id");
    }
}
