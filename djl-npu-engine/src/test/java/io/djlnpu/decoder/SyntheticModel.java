package io.djlnpu.decoder;

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
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/** Random weights of awkward sizes, seeded by their names. */
record SyntheticModel(DecoderSpec config) implements DecoderWeights {

    /** Hidden 96, head 32, MLP 160, window 24; the middle one of three layers is global. */
    static SyntheticModel of(int heads, int kvHeads) {
        return of(heads, kvHeads, Optional.empty());
    }

    /** The same without local layers. */
    static SyntheticModel global(int heads, int kvHeads) {
        DecoderSpec spec = of(heads, kvHeads).config();
        return new SyntheticModel(
                new DecoderSpec(
                        spec.family(),
                        spec.sizes(),
                        spec.style(),
                        new AttentionLayout(
                                spec.attention().local(),
                                spec.attention().global(),
                                Collections.nCopies(spec.layers(), false)),
                        spec.tokens(),
                        spec.embedding(),
                        spec.vision()));
    }

    /** The same, whose images are of 36 tokens: more than the window. Head 20, MLP 70. */
    static SyntheticModel seeing(int heads, int kvHeads) {
        return of(
                heads,
                kvHeads,
                Optional.of(new VisionSpec(60, 2, 3, 70, 36, 3, 1e-6f, 36, 223, 221, 222)));
    }

    private static SyntheticModel of(int heads, int kvHeads, Optional<VisionSpec> vision) {
        return new SyntheticModel(
                new DecoderSpec(
                        "gemma3",
                        new DecoderSizes(96, 3, heads, kvHeads, 32, 160, 224, 512),
                        new LayerStyle(
                                NormPlacement.AROUND,
                                true,
                                GateActivation.GELU_TANH,
                                1e-6f,
                                48,
                                true),
                        new AttentionLayout(
                                new AttentionSpec(RopeSpec.of(1e4), Visibility.window(24)),
                                new AttentionSpec(
                                        new RopeSpec(1e6, RopeScaling.linear(8)),
                                        Visibility.CAUSAL),
                                List.of(true, false, true)),
                        new TokenIds(2, 0, List.of(1)),
                        Optional.empty(),
                        vision));
    }

    @Override
    public Set<String> names() {
        return shapes().keySet();
    }

    private Map<String, List<Integer>> shapes() {
        Map<String, List<Integer>> shapes = new HashMap<>();
        for (TensorLayout layout : TensorLayout.text(config)) {
            shapes.put(layout.name(), List.of(layout.rows(), layout.columns()));
        }
        shapes.remove(TensorLayout.HEAD);
        if (config.vision().isPresent()) {
            for (VisionLayout layout : VisionLayout.list(config)) {
                shapes.put(layout.name(), layout.shape());
            }
            shapes.computeIfPresent(VisionLayout.PROJECTOR, (name, shape) -> shape.reversed());
        }
        return shapes;
    }

    @Override
    public WeightMatrix matrix(String name) {
        List<Integer> shape = shapes().get(name);
        return new WeightMatrix() {
            @Override
            public int rows() {
                return shape.get(0);
            }

            @Override
            public int columns() {
                return shape.get(1);
            }

            @Override
            public void readRows(int firstRow, int rowCount, float[] destination) {
                for (int i = 0; i < rowCount; i++) {
                    float[] row = random(name, firstRow + i, columns());
                    System.arraycopy(row, 0, destination, i * row.length, row.length);
                }
            }
        };
    }

    @Override
    public float[] vector(String name) {
        return random(name, 0, shapes().get(name).stream().reduce(1, Math::multiplyExact));
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
