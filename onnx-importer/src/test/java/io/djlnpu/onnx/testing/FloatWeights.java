package io.djlnpu.onnx.testing;

import io.djlnpu.onnx.decoder.OnnxDecoder;
import io.djlnpu.safetensors.SafetensorsFile;
import java.io.IOException;
import java.lang.foreign.ValueLayout;

/**
 * The float32 weights that a dialect was made from, by Hugging Face's names, norms as {@code 1 +
 * w}: the checkpoint, or where only exports are at hand the one in float32.
 */
public interface FloatWeights extends AutoCloseable {

    float[] vector(String name) throws IOException;

    @Override
    void close() throws IOException;

    static FloatWeights of(String dialect) throws IOException {
        return dialect.startsWith("micro/")
                ? new Checkpoint(
                        SafetensorsFile.open(
                                Fixtures.fixture("micro/checkpoint/model.safetensors")))
                : new Export(
                        OnnxDecoder.open(
                                Fixtures.fixture("storyteller/onnx/optimum-fp32/model.onnx")));
    }

    /** A checkpoint of the whole model, text below {@code language_model}, vision beside it. */
    record Checkpoint(SafetensorsFile file) implements FloatWeights {
        @Override
        public float[] vector(String name) throws IOException {
            boolean tower = name.startsWith("vision_tower.");
            boolean sees = tower || name.startsWith("multi_modal_projector.");
            float[] values =
                    file.segment(sees ? name : "language_model." + tied(name))
                            .toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
            if (name.endsWith("norm.weight") && !tower) {
                for (int i = 0; i < values.length; i++) {
                    values[i] += 1;
                }
            }
            return values;
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }

    /** An export that narrows nothing. */
    record Export(OnnxDecoder model) implements FloatWeights {
        @Override
        public float[] vector(String name) throws IOException {
            return model.vector(tied(name));
        }

        @Override
        public void close() {
            model.close();
        }
    }

    private static String tied(String name) {
        return name.equals("lm_head.weight") ? "model.embed_tokens.weight" : name;
    }
}
