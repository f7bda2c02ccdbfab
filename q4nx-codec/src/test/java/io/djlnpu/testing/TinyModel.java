package io.djlnpu.testing;

import io.djlnpu.bundle.AttentionLayout;
import io.djlnpu.bundle.AttentionSpec;
import io.djlnpu.bundle.DecoderSizes;
import io.djlnpu.bundle.DecoderSpec;
import io.djlnpu.bundle.DecoderWeights;
import io.djlnpu.bundle.GateActivation;
import io.djlnpu.bundle.LayerStyle;
import io.djlnpu.bundle.NormPlacement;
import io.djlnpu.bundle.RopeScaling;
import io.djlnpu.bundle.RopeSpec;
import io.djlnpu.bundle.TensorLayout;
import io.djlnpu.bundle.TokenIds;
import io.djlnpu.bundle.Visibility;
import io.djlnpu.bundle.VisionLayout;
import io.djlnpu.bundle.VisionSpec;
import io.djlnpu.bundle.WeightMatrix;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/** The smallest Gemma 3 that sees: random weights, seeded by their names. */
public final class TinyModel implements DecoderWeights {

    private final DecoderSpec config;

    /** Constructs the model with 32 units in every width. */
    public TinyModel() {
        this(64, 64);
    }

    /** Constructs the model with a larger vocabulary, for a conversion that takes a while. */
    public TinyModel(int vocabSize) {
        this(vocabSize, 64);
    }

    /** Constructs the model with another width of its MLP. */
    public TinyModel(int vocabSize, int intermediateSize) {
        VisionSpec vision = new VisionSpec(32, 1, 2, 64, 28, 14, 1e-6f, 4, 8, 6, 7);
        config =
                new DecoderSpec(
                        "gemma3",
                        new DecoderSizes(32, 2, 2, 1, 32, intermediateSize, vocabSize, 128),
                        new LayerStyle(
                                NormPlacement.AROUND,
                                true,
                                GateActivation.GELU_TANH,
                                1e-6f,
                                32,
                                true),
                        new AttentionLayout(
                                new AttentionSpec(RopeSpec.of(1e4), Visibility.window(16)),
                                new AttentionSpec(
                                        new RopeSpec(1e6, RopeScaling.linear(8)),
                                        Visibility.CAUSAL),
                                List.of(true, false)),
                        new TokenIds(2, 0, List.of(1, 5)),
                        Optional.empty(),
                        Optional.of(vision));
    }

    @Override
    public DecoderSpec config() {
        return config;
    }

    @Override
    public Set<String> names() {
        Set<String> names = new HashSet<>();
        TensorLayout.text(config).forEach(layout -> names.add(layout.name()));
        VisionLayout.list(config).forEach(layout -> names.add(layout.name()));
        names.remove(TensorLayout.HEAD);
        return names;
    }

    @Override
    public WeightMatrix matrix(String name) {
        boolean projector = name.equals(VisionLayout.PROJECTOR);
        int[] shape =
                TensorLayout.find(config, name)
                        .map(layout -> new int[] {layout.rows(), layout.columns()})
                        .orElseGet(() -> visionShape(name));
        return new RandomMatrix(
                name, projector ? shape[1] : shape[0], projector ? shape[0] : shape[1]);
    }

    @Override
    public float[] vector(String name) {
        int length =
                TensorLayout.find(config, name)
                        .map(TensorLayout::columns)
                        .orElseGet(
                                () -> Arrays.stream(visionShape(name)).reduce(1, (a, b) -> a * b));
        return new RandomMatrix(name, 1, length).row(0);
    }

    private int[] visionShape(String name) {
        return VisionLayout.list(config).stream()
                .filter(layout -> layout.name().equals(name))
                .findFirst()
                .orElseThrow()
                .shape()
                .stream()
                .mapToInt(Integer::intValue)
                .toArray();
    }

    private record RandomMatrix(String name, int rows, int columns) implements WeightMatrix {

        float[] row(int row) {
            Random random = new Random(31L * name.hashCode() + row);
            float[] values = new float[columns];
            for (int i = 0; i < columns; i++) {
                values[i] = (float) random.nextGaussian() * 0.05f;
            }
            return values;
        }

        @Override
        public void readRows(int firstRow, int rowCount, float[] destination) {
            for (int i = 0; i < rowCount; i++) {
                System.arraycopy(row(firstRow + i), 0, destination, i * columns, columns);
            }
        }
    }
}
