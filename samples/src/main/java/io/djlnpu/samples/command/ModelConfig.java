package io.djlnpu.samples.command;

import io.djlnpu.bundle.DecoderSpec;
import io.djlnpu.bundle.Family;
import io.djlnpu.bundle.ModelBundle;
import io.djlnpu.bundle.ModelSource;
import io.djlnpu.source.ModelSources;
import java.io.IOException;
import java.nio.file.Path;

/** The sizes of a model without its weights: nothing is converted to price a run. */
final class ModelConfig {

    private ModelConfig() {}

    static DecoderSpec read(Path model) throws IOException {
        if (ModelBundle.isBundle(model)) {
            return Family.read(model.resolve(ModelBundle.CONFIG_FILE));
        }
        try (ModelSource source = ModelSources.open(model)) {
            return source.config();
        }
    }
}
