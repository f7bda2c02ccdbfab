package io.djlnpu.gemma3;

import io.djlnpu.bundle.Gemma3Config;
import io.djlnpu.bundle.Gemma3Weights;
import io.djlnpu.bundle.TensorLayout;
import io.djlnpu.bundle.WeightMatrix;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;

/** Random weights of awkward sizes, seeded by their names. */
record SyntheticModel(Gemma3Config config) implements Gemma3Weights {

    /** Hidden 96, head 32, MLP 160, window 24; the middle one of three layers is global. */
    static SyntheticModel of(int heads, int kvHeads) {
        return new SyntheticModel(
                new Gemma3Config(
                        96,
                        3,
                        heads,
                        kvHeads,
                        32,
                        160,
                        224,
                        512,
                        1e-6f,
                        1e6,
                        1e4,
                        8,
                        24,
                        List.of(true, false, true),
                        48,
                        2,
                        0,
                        List.of(1),
                        Optional.empty()));
    }

    @Override
    public Set<String> names() {
        return TensorLayout.text(config).stream()
                .map(TensorLayout::name)
                .filter(name -> !name.equals(TensorLayout.HEAD))
                .collect(Collectors.toSet());
    }

    @Override
    public WeightMatrix matrix(String name) {
        TensorLayout layout = TensorLayout.find(config, name).orElseThrow();
        return new WeightMatrix() {
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
                for (int i = 0; i < rowCount; i++) {
                    float[] row = random(name, firstRow + i, layout.columns());
                    System.arraycopy(row, 0, destination, i * row.length, row.length);
                }
            }
        };
    }

    @Override
    public float[] vector(String name) {
        return random(name, 0, TensorLayout.find(config, name).orElseThrow().columns());
    }

    private static float[] random(String name, int row, int length) {
        Random random = new Random(31L * name.hashCode() + row);
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = (float) random.nextGaussian() * 0.15f;
        }
        return values;
    }
}
