package io.djlnpu.simulate;

import io.djlnpu.bundle.AttentionLayout;
import io.djlnpu.bundle.AttentionSpec;
import io.djlnpu.bundle.DecoderSizes;
import io.djlnpu.bundle.DecoderSpec;
import io.djlnpu.bundle.GateActivation;
import io.djlnpu.bundle.LayerStyle;
import io.djlnpu.bundle.NormPlacement;
import io.djlnpu.bundle.RopeSpec;
import io.djlnpu.bundle.TokenIds;
import io.djlnpu.bundle.Visibility;
import io.djlnpu.bundle.VisionSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Models of which somebody has published how fast they are, by what a price depends on. */
public final class PublishedModels {

    private static final LayerStyle GEMMA3 = style(NormPlacement.AROUND, true);

    private static final VisionSpec SIGLIP =
            new VisionSpec(1152, 27, 16, 4304, 896, 14, 1e-6f, 256, 262144, 255999, 256000);

    /** Gemma 3 1B. */
    public static final DecoderSpec GEMMA3_1B =
            spec(
                    new DecoderSizes(1152, 26, 4, 1, 256, 6912, 262144, 32768),
                    GEMMA3,
                    22,
                    512,
                    Optional.empty());

    /** Gemma 3 4B. */
    public static final DecoderSpec GEMMA3_4B =
            spec(
                    new DecoderSizes(2560, 34, 8, 4, 256, 10240, 262208, 131072),
                    GEMMA3,
                    29,
                    1024,
                    Optional.of(SIGLIP));

    private PublishedModels() {}

    /** A style with values that no price depends on. */
    static LayerStyle style(NormPlacement norms, boolean headNorms) {
        return new LayerStyle(norms, headNorms, GateActivation.GELU_TANH, 1e-6f, 256, true);
    }

    /** A model with values that no price depends on. */
    static DecoderSpec spec(
            DecoderSizes sizes,
            LayerStyle style,
            int localLayers,
            int window,
            Optional<VisionSpec> vision) {
        List<Boolean> local = new ArrayList<>();
        for (int i = 0; i < sizes.layers(); i++) {
            local.add(i < localLayers);
        }
        RopeSpec rope = RopeSpec.of(1e4);
        return new DecoderSpec(
                "gemma3",
                sizes,
                style,
                new AttentionLayout(
                        new AttentionSpec(rope, Visibility.window(window)),
                        new AttentionSpec(rope, Visibility.CAUSAL),
                        local),
                new TokenIds(2, 0, List.of(1)),
                Optional.empty(),
                vision);
    }
}
