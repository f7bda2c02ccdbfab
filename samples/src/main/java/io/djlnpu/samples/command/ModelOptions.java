package io.djlnpu.samples.command;

import io.djlnpu.gemma3.Numerics;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Which model to run and how. */
final class ModelOptions {

    @Option(
            names = "--model",
            required = true,
            paramLabel = "MODEL",
            description = "bundle folder, ONNX model folder, or one .onnx file")
    Path model;

    @Option(
            names = "--numerics",
            paramLabel = "N",
            description =
                    "what kernels exchange: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE})")
    Numerics numerics = Numerics.BF16;
}
