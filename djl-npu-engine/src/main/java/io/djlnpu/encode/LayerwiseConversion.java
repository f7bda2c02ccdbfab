package io.djlnpu.encode;

import io.djlnpu.bundle.BundleComparison;
import io.djlnpu.bundle.BundleOptions;
import io.djlnpu.bundle.BundleReport;
import io.djlnpu.bundle.BundleWeights;
import io.djlnpu.bundle.BundleWriter;
import io.djlnpu.bundle.DecoderWeights;
import io.djlnpu.bundle.ModelBundle;
import io.djlnpu.bundle.TensorLayout;
import io.djlnpu.generate.Tokenizer;
import io.djlnpu.q4nx.Encoding;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Converts a model by what its matrices multiply on a text. Everything happens in a folder beside
 * the target, which stays where it is when the conversion is interrupted: the same conversion goes
 * on there. The target appears whole, by one rename.
 */
public final class LayerwiseConversion {

    private final DecoderWeights source;
    private final Path target;
    private final BundleOptions options;

    /**
     * Prepares a conversion.
     *
     * @param source the model
     * @param target the folder to be
     * @param options how it is written; a tokenizer is among the companions
     */
    public LayerwiseConversion(DecoderWeights source, Path target, BundleOptions options) {
        this.source = source;
        this.target = target.toAbsolutePath().normalize();
        this.options = options;
    }

    /**
     * Converts.
     *
     * @param calibration a text, or empty for the one that comes with the engine
     * @param tokens the most tokens of it
     * @return what was done
     * @throws IOException if the source is unusable or the target cannot be written
     */
    public BundleReport write(Optional<String> calibration, int tokens) throws IOException {
        long start = System.nanoTime();
        Path work = target.resolveSibling("." + target.getFileName() + ".encoding");
        String key = key(calibration, tokens);
        if (!EncodedFile.isOf(work, key)) {
            BundleWriter.write(
                    source, work, options.withEncoding(Encoding.MINMAX).withReplace(true));
        }
        LayerwiseBundle.encode(
                source,
                work,
                key,
                options.encoding(),
                texts(work, calibration, Math.min(tokens, source.config().maxPositions())),
                options.threads(),
                options.progress());
        BundleReport report;
        try (ModelBundle encoded = ModelBundle.open(work)) {
            report = BundleWriter.write(new BundleWeights(encoded), target, options);
            report =
                    new BundleReport(
                            target,
                            (System.nanoTime() - start) / 1e9,
                            report.bytesWritten(),
                            besideSource(encoded));
        }
        delete(work);
        return report;
    }

    /** Errors to the source; to the folder beside the target there are none. */
    private List<BundleReport.Tensor> besideSource(ModelBundle encoded) throws IOException {
        List<BundleReport.Tensor> tensors = new ArrayList<>();
        for (BundleComparison.TensorError error : BundleComparison.compare(encoded, source)) {
            boolean carried =
                    TensorLayout.find(source.config(), error.name())
                                    .filter(TensorLayout::quantized)
                                    .isPresent()
                            && LayerwiseEncoder.matrix(source, error.name()).affine().isPresent();
            tensors.add(
                    new BundleReport.Tensor(
                            error.name(),
                            carried ? "int4" : "float32",
                            carried,
                            error.rmse(),
                            error.rmse(),
                            error.maxError()));
        }
        return tensors;
    }

    private static List<int[]> texts(Path work, Optional<String> calibration, int tokens)
            throws IOException {
        try (Tokenizer tokenizer = Tokenizer.open(work)) {
            return calibration.isPresent()
                    ? CalibrationText.of(calibration.get(), tokenizer, tokens)
                    : CalibrationText.shipped(work, tokenizer, tokens);
        }
    }

    /** What the result depends on, the files by name, size and time. */
    private String key(Optional<String> calibration, int tokens) throws IOException {
        StringBuilder key = new StringBuilder();
        key.append(options.encoding()).append(' ').append(tokens).append(' ');
        key.append(calibration.orElse("shipped"));
        for (Path file : source.sourceFiles()) {
            key.append('\n').append(file.toAbsolutePath()).append(' ').append(Files.size(file));
            key.append(' ').append(Files.getLastModifiedTime(file));
        }
        byte[] bytes = key.toString().getBytes(StandardCharsets.UTF_8);
        return options.encoding() + " " + UUID.nameUUIDFromBytes(bytes);
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> walk = Files.walk(folder)) {
            for (Path path : walk.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
