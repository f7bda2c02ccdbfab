package io.djlnpu.onnx.vision;

import io.djlnpu.bundle.VisionSpec;
import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import io.djlnpu.onnx.report.ImportReport.Setting;
import io.djlnpu.onnx.report.ImportReport.Source;
import java.util.ArrayList;
import java.util.List;

/**
 * The configuration of the vision tower: {@code config.json}'s where there is one, held against the
 * weights; else what graphs, tokenizer and the definition of Gemma 3 say.
 */
public final class VisionSettings {

    /** The only tower that was published. */
    private static final int PUBLISHED_WIDTH = 1152;

    private static final int PUBLISHED_HEADS = 16;
    private static final int PUBLISHED_TOKENS = 256;
    private static final float EPSILON = 1e-6f;

    private final String file;
    private final VisionFacts facts;
    private final List<String> warnings;
    private final List<Setting> settings = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();

    public VisionSettings(String file, VisionFacts facts, List<String> warnings) {
        this.file = file;
        this.facts = facts;
        this.warnings = warnings;
    }

    public List<Setting> settings() {
        return settings;
    }

    /** Checks what {@code config.json} says; sizes that contradict the weights are an error. */
    public VisionSpec checked(VisionSpec stated, int textHidden) throws ModelFormatException {
        same("hidden_size", stated.hiddenSize(), facts.hidden());
        same("num_hidden_layers", stated.layers(), facts.layers());
        same("intermediate_size", stated.intermediateSize(), facts.intermediate());
        same("patch_size", stated.patchSize(), facts.patch());
        same("image_size", stated.imageSize(), facts.imageSize());
        projector(textHidden);
        if (!problems.isEmpty()) {
            throw new ModelFormatException(
                    Code.SHAPE_MISMATCH,
                    "%s: config.json is of another model: %s; put the right one beside the graphs, or name one with --config"
                            .formatted(file, String.join(", ", problems)));
        }
        taken("num_attention_heads", stated.heads(), facts.heads());
        taken("mm_tokens_per_image", stated.tokensPerImage(), facts.tokensPerImage());
        taken("image_token_index", stated.imageTokenId(), facts.imageToken());
        taken("boi_token_index", stated.beginImageTokenId(), -1);
        taken("eoi_token_index", stated.endImageTokenId(), -1);
        return stated;
    }

    /** Recovers what no {@code config.json} says. */
    public VisionSpec recovered(VisionTokens tokens, int textHidden, int vocabulary)
            throws ModelFormatException {
        projector(textHidden);
        boolean published = facts.hidden() == PUBLISHED_WIDTH;
        int heads = set("num_attention_heads", facts.heads(), published ? PUBLISHED_HEADS : 0);
        int perImage =
                set(
                        "mm_tokens_per_image",
                        facts.tokensPerImage(),
                        published ? PUBLISHED_TOKENS : 0);
        float epsilon = Float.isNaN(facts.epsilon()) ? EPSILON : facts.epsilon();
        VisionSpec config =
                new VisionSpec(
                        set("hidden_size", facts.hidden(), 0),
                        set("num_hidden_layers", facts.layers(), 0),
                        heads,
                        set("intermediate_size", facts.intermediate(), 0),
                        set("image_size", facts.imageSize(), 0),
                        set("patch_size", facts.patch(), 0),
                        epsilon,
                        perImage,
                        facts.imageToken() > 0
                                ? set("image_token_index", facts.imageToken(), 0)
                                : token("image_token_index", tokens.image(), 262144, vocabulary),
                        token("boi_token_index", tokens.begin(), 255999, vocabulary),
                        token("eoi_token_index", tokens.end(), 256000, vocabulary));
        if (problems.isEmpty()) {
            config.contradiction().ifPresent(problems::add);
        }
        if (!problems.isEmpty()) {
            throw new ModelFormatException(
                    Code.MISSING_CONFIG,
                    "%s: %s, and no config.json says it; put the model's config.json beside the graphs, or name one with --config"
                            .formatted(file, String.join(", ", problems)));
        }
        return config;
    }

    private void projector(int textHidden) {
        if (facts.textHidden() != textHidden) {
            problems.add(
                    "the projector yields rows of %d values, the decoder takes %d"
                            .formatted(facts.textHidden(), textHidden));
        }
    }

    private void same(String name, int stated, int found) {
        report(name, stated, Source.CONFIG_JSON);
        if (stated != found) {
            problems.add(
                    "vision_config.%s %d but the weights have %d".formatted(name, stated, found));
        }
    }

    private void taken(String name, int stated, int found) {
        report(name, stated, Source.CONFIG_JSON);
        if (found > 0 && found != stated) {
            warnings.add(
                    "%s: config.json says %d, the vision graphs %d; config.json is taken"
                            .formatted(name, stated, found));
        }
    }

    private int set(String name, int found, int definition) {
        if (found > 0) {
            return report(name, found, Source.GRAPH);
        }
        if (definition == 0) {
            problems.add("the graphs do not show " + name);
        }
        return report(name, definition, Source.DEFINITION);
    }

    private int token(String name, int stated, int definition, int vocabulary) {
        if (stated >= 0) {
            return report(name, stated, Source.TOKENIZER_CONFIG);
        }
        if (definition >= vocabulary) {
            problems.add("the tokenizer does not name " + name);
        }
        return report(name, definition, Source.DEFINITION);
    }

    private int report(String name, int value, Source source) {
        String key = name.contains("token") ? name : "vision_config." + name;
        settings.add(new Setting(key, String.valueOf(value), source));
        return value;
    }
}
