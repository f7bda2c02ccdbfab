package io.djlnpu.samples.command;

import io.djlnpu.bundle.DecoderSpec;
import io.djlnpu.bundle.Family;
import io.djlnpu.bundle.ModelBundle;
import io.djlnpu.bundle.SafetensorsCheckpoint;
import io.djlnpu.bundle.TensorLayout;
import io.djlnpu.bundle.VisionLayout;
import io.djlnpu.safetensors.DataType;
import io.djlnpu.safetensors.SafetensorsFile;
import io.djlnpu.safetensors.TensorInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Looks into a bundle folder, one {@code .q4nx} file on its own, or a checkpoint. */
final class BundleInspector {

    private static final String Q4NX = "Q4NX in a safetensors container";

    private BundleInspector() {}

    static Inspection bundle(Path folder) throws IOException {
        try (ModelBundle bundle = ModelBundle.open(folder)) {
            Optional<DecoderSpec> config = Optional.of(bundle.config());
            List<Inspection.Tensor> tensors =
                    new ArrayList<>(tensors(folder.resolve(ModelBundle.WEIGHTS_FILE), config));
            Path vision = folder.resolve(ModelBundle.VISION_FILE);
            if (bundle.hasVision() && Files.exists(vision)) {
                tensors.addAll(tensors(vision, config));
            }
            return inspection("bundle", Q4NX, config, bundle.bytes(), tensors);
        }
    }

    /** A Hugging Face checkpoint, every part of it. */
    static Inspection checkpoint(Path folder) throws IOException {
        try (SafetensorsCheckpoint checkpoint = SafetensorsCheckpoint.open(folder)) {
            List<Inspection.Tensor> tensors = new ArrayList<>();
            long bytes = 0;
            for (Path part : checkpoint.sourceFiles()) {
                if (part.toString().endsWith(".safetensors")) {
                    tensors.addAll(tensors(part, Optional.empty()));
                    bytes += Files.size(part);
                }
            }
            return inspection(
                    "checkpoint",
                    "Hugging Face, safetensors",
                    Optional.of(checkpoint.config()),
                    bytes,
                    tensors);
        }
    }

    static Inspection file(Path file) throws IOException {
        return inspection(
                "q4nx", Q4NX, Optional.empty(), Files.size(file), tensors(file, beside(file)));
    }

    /** A file that still lies in its bundle is told what its blocks make. */
    private static Optional<DecoderSpec> beside(Path file) throws IOException {
        Path config = file.resolveSibling(ModelBundle.CONFIG_FILE);
        return Files.isRegularFile(config) ? Optional.of(Family.read(config)) : Optional.empty();
    }

    private static Inspection inspection(
            String kind,
            String dialect,
            Optional<DecoderSpec> config,
            long bytes,
            List<Inspection.Tensor> found) {
        return new Inspection(
                kind,
                dialect,
                "",
                Inspection.json(config),
                bytes,
                found,
                Map.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of());
    }

    private static List<Inspection.Tensor> tensors(Path file, Optional<DecoderSpec> config)
            throws IOException {
        List<Inspection.Tensor> tensors = new ArrayList<>();
        try (SafetensorsFile container = SafetensorsFile.open(file)) {
            for (TensorInfo info : container.tensors().values()) {
                tensors.add(tensor(info, config));
            }
        }
        return tensors;
    }

    /** The container says how many blocks there are; the configuration what matrix they make. */
    private static Inspection.Tensor tensor(TensorInfo info, Optional<DecoderSpec> config) {
        List<Long> shape =
                config.flatMap(known -> logicalShape(info.name(), known)).orElse(info.shape());
        String type = info.dataType() == DataType.I8 ? "Q4NX" : info.dataType().name();
        return new Inspection.Tensor(info.name(), type, shape, info.byteLength());
    }

    private static Optional<List<Long>> logicalShape(String name, DecoderSpec config) {
        return TensorLayout.find(config, name)
                .filter(TensorLayout::quantized)
                .map(layout -> List.of((long) layout.rows(), (long) layout.columns()))
                .or(() -> VisionLayout.find(config, name).map(VisionLayout::logicalShape));
    }
}
