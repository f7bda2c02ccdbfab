package io.djlnpu.source;

import io.djlnpu.bundle.ModelSource;
import io.djlnpu.bundle.SafetensorsCheckpoint;
import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import io.djlnpu.onnx.decoder.OnnxDecoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Recognises what a bundle can be made of: ONNX, or a Hugging Face checkpoint. A folder that holds
 * both is taken for ONNX: whoever exported it has chosen.
 */
public final class ModelSources {

    private ModelSources() {}

    /**
     * Tells whether a path looks like something to {@link #open}.
     *
     * @param path any path
     * @return true for an {@code .onnx} file, a folder with graphs, or a folder with {@code
     *     model.safetensors} or its index
     */
    public static boolean isSource(Path path) {
        return OnnxDecoder.isOnnxModel(path) || SafetensorsCheckpoint.isCheckpoint(path);
    }

    /**
     * Opens a source.
     *
     * @param path as for {@link #isSource}
     * @return the model, to be closed by the caller
     * @throws IOException if it cannot be read or is of no family that is run
     */
    public static ModelSource open(Path path) throws IOException {
        if (OnnxDecoder.isOnnxModel(path)) {
            return OnnxDecoder.open(path);
        }
        if (SafetensorsCheckpoint.isCheckpoint(path)) {
            return SafetensorsCheckpoint.open(path);
        }
        throw new ModelFormatException(
                Code.MISSING_FILE,
                path
                        + (Files.exists(path)
                                ? ": neither a bundle (model.q4nx) nor an ONNX model (.onnx files in"
                                        + " the folder or in its onnx/) nor a checkpoint"
                                        + " (model.safetensors with config.json); other formats must"
                                        + " be exported to ONNX first"
                                : ": no such file or folder; check the path"));
    }
}
