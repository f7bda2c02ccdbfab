package io.djlnpu.bundle;

import io.djlnpu.format.MappedFault;
import io.djlnpu.safetensors.SafetensorsWriter;
import io.djlnpu.safetensors.SafetensorsWriter.Declaration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Writes a bundle folder from any source of weights, strip by strip, so that memory stays small
 * whatever the model's size. Leaves either the old folder or the whole new one.
 */
public final class BundleWriter {

    private final DecoderWeights weights;
    private final BundleOptions options;
    private long bytesTotal;
    private long bytesDone;

    private BundleWriter(DecoderWeights weights, BundleOptions options) {
        this.weights = weights;
        this.options = options;
    }

    /**
     * Writes a bundle.
     *
     * @param weights what to write
     * @param target the folder to be
     * @param options encoding, companions, progress
     * @return what was done
     * @throws IOException if the source is unusable or the target cannot be written; the target is
     *     then as it was
     */
    public static BundleReport write(DecoderWeights weights, Path target, BundleOptions options)
            throws IOException {
        try {
            return new BundleWriter(weights, options).write(target);
        } catch (RuntimeException | Error e) {
            if (MappedFault.isIn(e)) {
                throw MappedFault.truncated("the source " + weights.sourceFiles(), e);
            }
            throw e;
        }
    }

    private BundleReport write(Path target) throws IOException {
        long start = System.nanoTime();
        List<Path> sources = new ArrayList<>(weights.sourceFiles());
        sources.addAll(options.companions().values());
        try (FolderSwap swap = new FolderSwap(target, options.replace(), sources);
                ExecutorService workers =
                        Executors.newFixedThreadPool(Math.max(1, options.threads()))) {
            Path folder = swap.folder();
            boolean vision = VisionParts.present(weights);
            List<BundlePart> textParts = new TextParts(weights, options, workers).list();
            List<BundlePart> visionParts = vision ? new VisionParts(weights).list() : List.of();
            bytesTotal = byteLength(textParts) + byteLength(visionParts);
            List<BundleReport.Tensor> reports = new ArrayList<>();
            writeFile(folder.resolve(ModelBundle.WEIGHTS_FILE), textParts, reports);
            if (vision) {
                writeFile(folder.resolve(ModelBundle.VISION_FILE), visionParts, reports);
            }
            DecoderSpec config = vision ? weights.config() : weights.config().withoutVision();
            Files.writeString(
                    folder.resolve(ModelBundle.CONFIG_FILE), Family.write(config, weights.tied()));
            Files.writeString(
                    folder.resolve("serving.properties"),
                    "engine=NPU\ntranslatorFactory=io.djlnpu.translate.NpuTranslatorFactory\n");
            copyCompanions(folder);
            Checksums.write(folder);
            long bytes = swap.commit();
            return new BundleReport(target, (System.nanoTime() - start) / 1e9, bytes, reports);
        }
    }

    private static long byteLength(List<BundlePart> parts) {
        return parts.stream().mapToLong(part -> part.declaration().byteLength()).sum();
    }

    private void writeFile(Path file, List<BundlePart> parts, List<BundleReport.Tensor> reports)
            throws IOException {
        List<Declaration> declarations = parts.stream().map(BundlePart::declaration).toList();
        try (SafetensorsWriter writer = new SafetensorsWriter(file, declarations)) {
            for (BundlePart part : parts) {
                String name = part.declaration().name();
                reports.add(
                        part.payload()
                                .write(
                                        bytes -> {
                                            bytesDone += bytes.remaining();
                                            writer.write(bytes);
                                            options.progress().update(name, bytesDone, bytesTotal);
                                        }));
            }
            writer.commit();
        }
    }

    private void copyCompanions(Path folder) throws IOException {
        for (Map.Entry<String, Path> companion : options.companions().entrySet()) {
            Path file = folder.resolve(companion.getKey()).normalize();
            if (!folder.equals(file.getParent())) {
                throw new IllegalArgumentException(
                        "'" + companion.getKey() + "' is no plain file name");
            }
            if (Files.exists(file)) {
                throw new IllegalArgumentException(
                        "'" + companion.getKey() + "' is written by the converter itself");
            }
            Files.copy(companion.getValue(), file);
        }
    }
}
