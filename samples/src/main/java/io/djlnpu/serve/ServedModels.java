package io.djlnpu.serve;

import java.util.List;

/** The models that are served; none until all are loaded. */
final class ServedModels implements AutoCloseable {

    private volatile List<ServedModel> loaded = List.of();

    void set(List<ServedModel> models) {
        loaded = List.copyOf(models);
    }

    /**
     * Returns all models.
     *
     * @throws ApiException 503 while they are loading
     */
    List<ServedModel> all() {
        List<ServedModel> models = loaded;
        if (models.isEmpty()) {
            throw new ApiException(503, "loading", "the model is loading");
        }
        return models;
    }

    /**
     * Finds a model.
     *
     * @param name its name, or null for the first one
     * @throws ApiException 404 if there is none of that name, 503 while they are loading
     */
    ServedModel named(String name) {
        return all().stream()
                .filter(model -> name == null || model.name().equals(name))
                .findFirst()
                .orElseThrow(
                        () ->
                                new ApiException(
                                        404,
                                        "model_not_found",
                                        "the model '%s' does not exist; there are %s"
                                                .formatted(
                                                        name,
                                                        all().stream()
                                                                .map(ServedModel::name)
                                                                .toList())));
    }

    @Override
    public void close() {
        loaded.forEach(ServedModel::close);
    }
}
