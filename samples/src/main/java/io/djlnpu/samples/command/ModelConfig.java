package io.djlnpu.samples.command;

import io.djlnpu.bundle.Family;
import io.djlnpu.bundle.ModelBundle;
import io.djlnpu.onnx.gemma3.OnnxDecoder;
import io.djlnpu.simulate.DecoderShape;
import java.io.IOException;
import java.nio.file.Path;

/** The sizes of a model without its weights: nothing is converted to price a run. */
final class ModelConfig {

    private ModelConfig() {}

    static DecoderShape read(Path model) throws IOException {
        if (ModelBundle.isBundle(model)) {
            return DecoderShape.of(Family.read(model.resolve(ModelBundle.CONFIG_FILE)));
        }
        try (OnnxDecoder onnx = OnnxDecoder.open(model)) {
            return DecoderShape.of(onnx.config());
        }
    }
}
