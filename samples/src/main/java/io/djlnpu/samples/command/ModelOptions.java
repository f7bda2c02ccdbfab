package io.djlnpu.samples.command;

import java.nio.file.Path;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which model to run, and how. */
final class ModelOptions {

    @Option(
            names = {"-m", "--model"},
            required = true,
            paramLabel = "MODEL",
            description = "bundle folder, ONNX model folder, or one .onnx file")
    Path model;

    @Mixin RunOptions how;
}
