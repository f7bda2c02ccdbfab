package io.djlnpu.samples.command;

import io.djlnpu.bundle.DecoderSpec;
import io.djlnpu.bundle.DecoderWeights;
import io.djlnpu.bundle.TensorLayout;
import io.djlnpu.bundle.WeightMatrix;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Weights of any configuration's shape, for measuring speed: they compute as much and say nothing.
 */
record RandomModel(DecoderSpec config, Map<String, TensorLayout> layouts)
        implements DecoderWeights {

    private static final int PERIOD = 1 << 16;
    private static final float[] VALUES = values();

    static RandomModel of(DecoderSpec config) {
        Map<String, TensorLayout> layouts =
                TensorLayout.text(config).stream()
                        .filter(layout -> !layout.name().equals(TensorLayout.HEAD))
                        .collect(
                                Collectors.toMap(
                                        TensorLayout::name,
                                        Function.identity(),
                                        (a, b) -> a,
                                        LinkedHashMap::new));
        return new RandomModel(config, layouts);
    }

    private static float[] values() {
        SplittableRandom random = new SplittableRandom(5);
        float[] values = new float[PERIOD];
        for (int i = 0; i < PERIOD; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    @Override
    public Set<String> names() {
        return layouts.keySet();
    }

    @Override
    public WeightMatrix matrix(String name) {
        TensorLayout layout = layouts.get(name);
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
                // small enough that activations neither vanish nor overflow
                float scale = (float) (1 / Math.sqrt(layout.columns()));
                int at = firstRow * 7919 + name.hashCode();
                for (int i = 0; i < rowCount * layout.columns(); i++) {
                    destination[i] = VALUES[(at + i) & (PERIOD - 1)] * scale;
                }
            }
        };
    }

    @Override
    public float[] vector(String name) {
        float[] ones = new float[layouts.get(name).columns()];
        Arrays.fill(ones, 1);
        return ones;
    }
}
