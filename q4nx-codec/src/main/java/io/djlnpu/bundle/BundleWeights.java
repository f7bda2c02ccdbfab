package io.djlnpu.bundle;

import io.djlnpu.numeric.Bfloat16;
import io.djlnpu.q4nx.Q4nxDecoder;
import io.djlnpu.q4nx.Q4nxTensor;
import io.djlnpu.q4nx.TiledMatrix;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * A bundle as a source of weights, so that it can be written again, or compared with another
 * source. Codes are carried over as they are.
 */
public final class BundleWeights implements DecoderWeights {

    private final ModelBundle bundle;

    /**
     * Wraps a bundle.
     *
     * @param bundle an open bundle; it stays the caller's to close
     */
    public BundleWeights(ModelBundle bundle) {
        this.bundle = bundle;
    }

    @Override
    public DecoderSpec config() {
        return bundle.config();
    }

    @Override
    public Set<String> names() {
        return bundle.names();
    }

    /** A bundle holds the head in any case; its configuration says whether it was the table. */
    @Override
    public boolean tied() throws IOException {
        Path config = bundle.folder().resolve(ModelBundle.CONFIG_FILE);
        return new ConfigReader(config.toString(), JsonFiles.read(config))
                .flag("tie_word_embeddings", true);
    }

    @Override
    public WeightMatrix matrix(String name) throws IOException {
        if (name.equals(VisionLayout.PROJECTOR)) {
            return new Projector(bundle.visionMatrix(name));
        }
        if (name.startsWith(VisionLayout.TOWER)) {
            return new Tiles(bundle.visionMatrix(name));
        }
        TensorLayout layout = TensorLayout.find(config(), name).orElse(null);
        if (layout != null && !layout.quantized()) {
            boolean scaled =
                    name.equals(TensorLayout.EMBEDDING) && config().style().scaledEmbedding();
            float factor = scaled ? (float) Math.sqrt(config().hiddenSize()) : 1;
            return new Plain(bundle.bfloat16(name), layout, factor);
        }
        Q4nxTensor tensor = bundle.matrix(name);
        return new Quantized(tensor, layout.rows());
    }

    @Override
    public float[] vector(String name) throws IOException {
        return bundle.vector(name);
    }

    private record Quantized(Q4nxTensor tensor, int rows) implements WeightMatrix {

        @Override
        public int columns() {
            return tensor.columns();
        }

        @Override
        public void readRows(int firstRow, int rowCount, float[] destination) {
            Q4nxDecoder.decodeRows(tensor, firstRow, rowCount, destination);
        }

        @Override
        public Optional<Affine> affine() {
            return Optional.of(
                    (firstRow, rowCount, codes, scales, mins) ->
                            Q4nxDecoder.unpackRows(
                                    tensor, firstRow, rowCount, codes, scales, mins));
        }
    }

    /** A matrix in bf16; dividing by a factor and multiplying again is exact after rounding. */
    private record Plain(MemorySegment bits, TensorLayout layout, float factor)
            implements WeightMatrix {

        @Override
        public int rows() {
            return layout.rows();
        }

        @Override
        public int columns() {
            return layout.columns();
        }

        @Override
        public void readRows(int firstRow, int rowCount, float[] destination) {
            int count = rowCount * columns();
            Bfloat16.toFloats(bits, 2L * firstRow * columns(), destination, 0, count);
            for (int i = 0; i < count; i++) {
                destination[i] /= factor;
            }
        }
    }

    private record Tiles(TiledMatrix tiles) implements WeightMatrix {

        @Override
        public int rows() {
            return tiles.rows();
        }

        @Override
        public int columns() {
            return tiles.columns();
        }

        @Override
        public void readRows(int firstRow, int rowCount, float[] destination) {
            tiles.readRows(firstRow, rowCount, destination);
        }
    }

    /** The projector, turned back to {@code [inputs, outputs]}. */
    private record Projector(TiledMatrix tiles) implements WeightMatrix {

        @Override
        public int rows() {
            return tiles.columns();
        }

        @Override
        public int columns() {
            return tiles.rows();
        }

        @Override
        public void readRows(int firstRow, int rowCount, float[] destination) {
            float[] output = new float[tiles.columns()];
            for (int column = 0; column < columns(); column++) {
                tiles.readRows(column, 1, output);
                for (int i = 0; i < rowCount; i++) {
                    destination[i * columns() + column] = output[firstRow + i];
                }
            }
        }
    }
}
