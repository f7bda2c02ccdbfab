package io.djlnpu.bundle;

import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import io.djlnpu.q4nx.Q4nxFormat;
import io.djlnpu.safetensors.DataType;
import io.djlnpu.safetensors.SafetensorsWriter;
import io.djlnpu.safetensors.SafetensorsWriter.Declaration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Writes a bundle folder from any source of weights, strip by strip, so that memory stays small
 * whatever the model's size. Leaves either the old folder or the whole new one.
 */
public final class BundleWriter {

    private final Gemma3Weights weights;
    private final Gemma3Config config;
    private final BundleOptions options;
    private long bytesTotal;
    private long bytesDone;

    private BundleWriter(Gemma3Weights weights, BundleOptions options) {
        this.weights = weights;
        this.config = weights.config();
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
    public static BundleReport write(Gemma3Weights weights, Path target, BundleOptions options)
            throws IOException {
        return new BundleWriter(weights, options).write(target);
    }

    private BundleReport write(Path target) throws IOException {
        long start = System.nanoTime();
        try (FolderSwap swap = new FolderSwap(target, options.replace());
                ExecutorService workers =
                        Executors.newFixedThreadPool(Math.max(1, options.threads()))) {
            Path folder = swap.folder();
            List<BundleReport.Tensor> tensors =
                    writeText(folder.resolve(ModelBundle.WEIGHTS_FILE), workers);
            Files.writeString(
                    folder.resolve(ModelBundle.CONFIG_FILE), Gemma3ConfigJson.write(config));
            Files.writeString(folder.resolve("serving.properties"), "engine=NPU\n");
            for (Map.Entry<String, Path> companion : options.companions().entrySet()) {
                Path file = folder.resolve(companion.getKey());
                if (!folder.equals(file.getParent())) {
                    throw new IllegalArgumentException(
                            "'" + companion.getKey() + "' is no plain file name");
                }
                Files.copy(companion.getValue(), file, StandardCopyOption.REPLACE_EXISTING);
            }
            Checksums.write(folder);
            long bytes = swap.commit();
            return new BundleReport(target, (System.nanoTime() - start) / 1e9, bytes, tensors);
        }
    }

    private List<BundleReport.Tensor> writeText(Path file, ExecutorService workers)
            throws IOException {
        List<TensorLayout> layouts = new ArrayList<>(TensorLayout.text(config));
        // the converter's order: all bf16 before all quantised, each bytewise by name
        layouts.sort(
                Comparator.comparing(TensorLayout::quantized).thenComparing(TensorLayout::name));
        List<Declaration> declarations = new ArrayList<>();
        for (TensorLayout layout : layouts) {
            declarations.add(declare(layout));
        }
        bytesTotal = declarations.stream().mapToLong(Declaration::byteLength).sum();
        List<BundleReport.Tensor> reports = new ArrayList<>();
        try (SafetensorsWriter writer = new SafetensorsWriter(file, declarations)) {
            for (TensorLayout layout : layouts) {
                reports.add(writeTensor(layout, writer, workers));
            }
            writer.commit();
        }
        return reports;
    }

    private Declaration declare(TensorLayout layout) throws ModelFormatException {
        if (!layout.quantized()) {
            return layout.rows() == 1
                    ? new Declaration(layout.name(), DataType.BF16, layout.columns())
                    : new Declaration(
                            layout.name(), DataType.BF16, layout.rows(), layout.columns());
        }
        if (layout.rows() % Q4nxFormat.BLOCK_ROWS != 0) {
            throw new ModelFormatException(
                    Code.UNSUPPORTED_ENCODING,
                    "'"
                            + layout.name()
                            + "' has "
                            + layout.rows()
                            + " rows; Q4NX holds multiples of "
                            + Q4nxFormat.BLOCK_ROWS
                            + " only");
        }
        long blocks =
                Q4nxFormat.byteLength(layout.rows(), layout.columns()) / Q4nxFormat.BLOCK_BYTES;
        return new Declaration(layout.name(), DataType.I8, blocks, Q4nxFormat.BLOCK_BYTES);
    }

    private BundleReport.Tensor writeTensor(
            TensorLayout layout, SafetensorsWriter writer, ExecutorService workers)
            throws IOException {
        String name = layout.name();
        MatrixPayload.Sink sink =
                bytes -> {
                    bytesDone += bytes.remaining();
                    writer.write(bytes);
                    options.progress().update(name, bytesDone, bytesTotal);
                };
        if (layout.rows() == 1) {
            float[] values = weights.vector(name);
            check(layout, 1, values.length);
            return new Bfloat16Payload(name).writeVector(values, sink);
        }
        boolean tiedHead = name.equals(TensorLayout.HEAD) && !weights.names().contains(name);
        WeightMatrix matrix = weights.matrix(tiedHead ? TensorLayout.EMBEDDING : name);
        check(layout, matrix.rows(), matrix.columns());
        if (layout.quantized()) {
            return new MatrixPayload(
                            name, matrix, options.encoding(), workers, 4 * options.threads())
                    .write(sink);
        }
        float root = (float) Math.sqrt(config.hiddenSize());
        return new Bfloat16Payload(name).writeMatrix(matrix, root, sink);
    }

    private static void check(TensorLayout layout, int rows, int columns)
            throws ModelFormatException {
        if (rows != layout.rows() || columns != layout.columns()) {
            throw new ModelFormatException(
                    Code.SHAPE_MISMATCH,
                    "'"
                            + layout.name()
                            + "' is "
                            + rows
                            + " x "
                            + columns
                            + ", expected "
                            + layout.rows()
                            + " x "
                            + layout.columns()
                            + " by the configuration");
        }
    }
}
