package io.djlnpu.encode;

import io.djlnpu.bundle.DecoderWeights;
import io.djlnpu.bundle.TensorLayout;
import io.djlnpu.bundle.WeightMatrix;
import io.djlnpu.decoder.ActivationObserver;
import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import io.djlnpu.kernel.ProjectionWeights;
import io.djlnpu.kernel.TileExecutor;
import io.djlnpu.q4nx.Encoding;
import io.djlnpu.q4nx.InputProducts;
import io.djlnpu.q4nx.Q4nxFormat;
import io.djlnpu.q4nx.QuadraticForm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/**
 * Encodes every matrix at the moment when the forward pass is about to multiply with it, by what it
 * is about to multiply: the inputs come from the layers before as they were encoded, and what comes
 * after sees this matrix as it is encoded now.
 */
final class LayerwiseEncoder implements ActivationObserver {

    /**
     * What the tokens that begin a text have as a part of the values' Hessian. Attention looks at
     * them from everywhere, so that their values are in every token's sum.
     */
    private static final float FIRST_TOKENS =
            Float.parseFloat(System.getProperty("enc.first", "0.2"));

    private final DecoderWeights source;
    private final EncodedFile target;
    private final Encoding encoding;
    private final int[] firstTokens;
    private final TileExecutor executor;
    private final LayerwiseProgress progress;

    LayerwiseEncoder(
            DecoderWeights source,
            EncodedFile target,
            Encoding encoding,
            int[] firstTokens,
            TileExecutor executor,
            LayerwiseProgress progress) {
        this.source = source;
        this.target = target;
        this.encoding = encoding;
        this.firstTokens = firstTokens;
        this.executor = executor;
        this.progress = progress;
    }

    @Override
    public void observe(ProjectionWeights[] matrices, MemorySegment activations, int tokens) {
        try {
            List<ProjectionWeights> left = new ArrayList<>();
            for (ProjectionWeights matrix : matrices) {
                if (!target.isDone(matrix.name())
                        && matrix(source, matrix.name()).affine().isEmpty()) {
                    left.add(matrix);
                } else {
                    progress.skip(matrix);
                }
            }
            if (!left.isEmpty()) {
                encode(
                        left,
                        Inputs.of(activations, tokens, left.getFirst().columns(), firstTokens));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A head that the source does not have is the table: they are tied. */
    static WeightMatrix matrix(DecoderWeights source, String name) throws IOException {
        boolean tied = name.equals(TensorLayout.HEAD) && !source.names().contains(name);
        return source.matrix(tied ? TensorLayout.EMBEDDING : name);
    }

    private void encode(List<ProjectionWeights> matrices, Inputs inputs) throws IOException {
        if (encoding != Encoding.BEST) {
            float[] importance = inputs.meanSquares();
            for (ProjectionWeights matrix : matrices) {
                encode(matrix, () -> new WeightedRows(importance));
            }
            return;
        }
        List<InputProducts> products = products(inputs, inputs.rows());
        List<QuadraticForm> forms = forms(products);
        for (ProjectionWeights matrix : matrices) {
            if (!matrix.name().contains("v_proj")) {
                encode(matrix, () -> new CompensatedRows(matrix.columns(), forms));
            }
        }
        for (ProjectionWeights matrix : matrices) {
            if (matrix.name().contains("v_proj")) {
                List<QuadraticForm> own = valueForms(products, inputs);
                encode(matrix, () -> new CompensatedRows(matrix.columns(), own));
            }
        }
    }

    private List<QuadraticForm> valueForms(List<InputProducts> products, Inputs inputs) {
        List<InputProducts> first = products(inputs, inputs.firstRows());
        for (int i = 0; i < products.size(); i++) {
            double all = products.get(i).trace();
            double begin = first.get(i).trace();
            if (begin > 0) {
                double weight = FIRST_TOKENS / (1 - FIRST_TOKENS) * all / begin;
                products.get(i).addAll(first.get(i), (float) weight);
            }
        }
        return forms(products);
    }

    private List<InputProducts> products(Inputs inputs, float[][] rows) {
        int[] starts = CompensatedRows.starts(inputs.columns());
        List<InputProducts> products = new ArrayList<>();
        for (int i = 0; i + 1 < starts.length; i++) {
            InputProducts sum = new InputProducts(starts[i + 1] - starts[i]);
            int first = starts[i];
            int shares = 8 * executor.threads();
            executor.run(shares, (share, thread) -> sum.add(rows, first, share, shares));
            products.add(sum);
        }
        return products;
    }

    private List<QuadraticForm> forms(List<InputProducts> products) {
        QuadraticForm[] forms = new QuadraticForm[products.size()];
        executor.run(forms.length, (i, thread) -> forms[i] = products.get(i).form());
        return Arrays.asList(forms);
    }

    private void encode(ProjectionWeights matrix, Supplier<RowEncoder> encoders)
            throws IOException {
        WeightMatrix weights = matrix(source, matrix.name());
        MemorySegment strips = target.strips(matrix.name());
        RowEncoder[] own = new RowEncoder[executor.threads()];
        Arrays.setAll(own, i -> encoders.get());
        int step = own[0].rows();
        int columns = weights.columns();
        executor.run(
                Math.ceilDiv(weights.rows(), step),
                (share, thread) -> {
                    int first = share * step;
                    int count = Math.min(step, weights.rows() - first);
                    // rows that the source lacks, of a padded vocabulary, are zeros
                    int rows = Math.ceilDiv(count, Q4nxFormat.BLOCK_ROWS) * Q4nxFormat.BLOCK_ROWS;
                    float[] values = new float[rows * columns];
                    read(weights, matrix.name(), first, count, values);
                    byte[][] blocks =
                            new byte[rows / Q4nxFormat.BLOCK_ROWS]
                                    [(int) Q4nxFormat.byteLength(Q4nxFormat.BLOCK_ROWS, columns)];
                    own[thread].encode(rows, values, blocks);
                    for (int i = 0; i < blocks.length; i++) {
                        int row = first + i * Q4nxFormat.BLOCK_ROWS;
                        EncodedFile.write(strips, row, columns, blocks[i]);
                    }
                    progress.add((long) rows * columns);
                });
        target.finish(matrix.name(), strips);
    }

    private static void read(
            WeightMatrix weights, String name, int first, int count, float[] values) {
        synchronized (weights) {
            try {
                weights.readRows(first, count, values);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        for (float value : values) {
            if (!Float.isFinite(value)) {
                throw new UncheckedIOException(
                        new ModelFormatException(
                                Code.NOT_FINITE,
                                "'%s': %s in rows from %d; the source is damaged"
                                        .formatted(name, value, first)));
            }
        }
    }
}
