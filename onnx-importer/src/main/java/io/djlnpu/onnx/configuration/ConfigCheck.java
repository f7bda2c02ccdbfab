package io.djlnpu.onnx.configuration;

import io.djlnpu.bundle.AttentionLayout;
import io.djlnpu.bundle.AttentionSpec;
import io.djlnpu.bundle.DecoderSizes;
import io.djlnpu.bundle.DecoderSpec;
import io.djlnpu.bundle.Family;
import io.djlnpu.bundle.Gemma3Sizes;
import io.djlnpu.bundle.LayerStyle;
import io.djlnpu.bundle.NormPlacement;
import io.djlnpu.bundle.RopeScaling;
import io.djlnpu.bundle.RopeSpec;
import io.djlnpu.bundle.TokenIds;
import io.djlnpu.bundle.Visibility;
import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import io.djlnpu.onnx.report.ImportReport.Setting;
import io.djlnpu.onnx.report.ImportReport.Source;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Holds {@code config.json} against the graph. Sizes that contradict the weights are an error;
 * where the two merely say different things, {@code config.json} is right and the report says so.
 */
public final class ConfigCheck {

    private final String file;
    private final DecoderSpec config;
    private final Family family;
    private final boolean gemma;
    private final ConfigFacts facts;
    private final ConfigSources sources;
    private final boolean published;
    private final List<String> warnings;
    private final List<Setting> settings = new ArrayList<>();
    private final List<String> contradictions = new ArrayList<>();

    public ConfigCheck(
            String file,
            DecoderSpec config,
            ConfigFacts facts,
            ConfigSources sources,
            List<String> warnings) {
        this.family = Family.named(config.family());
        this.gemma = config.style().norms() == NormPlacement.AROUND;
        this.file = file;
        this.config = config;
        this.facts = facts;
        this.sources = sources;
        this.published =
                config.family().equals("gemma3")
                        && Gemma3Sizes.find(config.hiddenSize(), config.layers()).isPresent();
        this.warnings = warnings;
    }

    public List<Setting> settings() {
        return settings;
    }

    /** Returns the configuration with what only the weights can say. */
    public DecoderSpec checked(LayerStyle style, boolean embedding) throws IOException {
        style(style, embedding);
        size("hidden_size", config.hiddenSize(), facts.hidden());
        size("num_hidden_layers", config.layers(), facts.layers());
        size("num_attention_heads", config.heads(), facts.heads());
        size("num_key_value_heads", config.kvHeads(), facts.kvHeads());
        size("head_dim", config.headDim(), facts.headDim());
        size("intermediate_size", config.intermediateSize(), facts.intermediate());
        if (!contradictions.isEmpty()) {
            throw new ModelFormatException(
                    Code.SHAPE_MISMATCH,
                    file
                            + ": config.json is of another model: "
                            + String.join(", ", contradictions)
                            + "; put the right one beside the graph or name it with --config");
        }
        int vocabulary = vocabulary();
        setting("max_position_embeddings", config.maxPositions());
        activation();
        float epsilon = settled("rms_norm_eps", config.rmsNormEpsilon(), facts.epsilon(), 0.05);
        AttentionLayout attention = attention();
        double scalar = scalar();
        setting("bos_token_id", config.bosTokenId());
        setting("pad_token_id", config.padTokenId());
        List<Integer> eos = eos();
        DecoderSizes sizes =
                new DecoderSizes(
                        config.hiddenSize(),
                        config.layers(),
                        config.heads(),
                        config.kvHeads(),
                        config.headDim(),
                        config.intermediateSize(),
                        vocabulary,
                        config.maxPositions());
        return new DecoderSpec(
                config.family(),
                sizes,
                family.style(epsilon, scalar),
                attention,
                new TokenIds(config.bosTokenId(), config.padTokenId(), eos),
                config.embedding(),
                config.vision());
    }

    /** What a layer computes is the family's; a graph of another style is another model's. */
    private void style(LayerStyle found, boolean embedding) {
        LayerStyle stated = config.style();
        differs("norms a layer", stated.norms().count(), found.norms().count());
        differs("norms of query and key heads", stated.headNorms(), found.headNorms());
        differs("hidden_act", stated.activation().key(), found.activation().key());
        differs("scaled embedding", stated.scaledEmbedding(), found.scaledEmbedding());
        differs("an embedding model without a head", config.isEmbedding(), embedding);
        if (facts.window() > 0 && config.isEmbedding() && !facts.bothWays()) {
            differs("attention in both directions", true, false);
        }
    }

    private void differs(String what, Object stated, Object found) {
        if (!stated.equals(found)) {
            contradictions.add(
                    "%s (%s): %s but the graph has %s"
                            .formatted(what, family.title(), stated, found));
        }
    }

    private AttentionLayout attention() throws IOException {
        AttentionSpec global = config.attention().global();
        double theta = ropeBase("rope_theta", global.rope().theta(), false);
        RopeSpec rope = new RopeSpec(theta, global.rope().scaling());
        AttentionSpec local = config.attention().local();
        RopeSpec localRope = rope;
        if (gemma) {
            localRope = RopeSpec.of(ropeBase("rope_local_base_freq", local.rope().theta(), true));
            factors();
        } else {
            scaling();
        }
        boolean windows = config.localLayers().contains(true) || facts.window() > 0;
        Visibility visible = local.visible();
        if (config.isEmbedding()) {
            visible = Visibility.around(eachWay(visible.before()));
        } else if (gemma || windows) {
            visible = Visibility.window(window());
        }
        return new AttentionLayout(
                new AttentionSpec(localRope, visible),
                new AttentionSpec(rope, global.visible()),
                config.localLayers());
    }

    /** What a family without Gemma's two kinds of layers does to its frequencies. */
    private void scaling() throws IOException {
        RopeScaling stated = config.attention().global().rope().scaling();
        setting("rope_scaling", stated);
        RopeEvidence found = rope(false);
        if (found != null && !found.rope().scaling().equals(stated)) {
            conflict("rope_scaling", stated, found.rope().scaling());
        }
    }

    /**
     * Keys on each side. Exporters write the window that transformers has halved already; the
     * graph's mask is the evidence, and without one an odd number is such a window.
     */
    private int eachWay(int stated) throws IOException {
        int written = sources.number("sliding_window", 2 * stated);
        boolean odd = written % 2 == 1;
        int found = facts.window() > 0 ? facts.window() - 1 : odd ? written - 1 : stated;
        if (found == stated) {
            setting("sliding_window", 2 * stated);
            return stated;
        }
        settings.add(new Setting("sliding_window", "" + 2 * found, Source.GRAPH));
        warnings.add(
                "sliding_window: config.json says %d, which is %d keys on each side; %s %d, which is taken%s"
                        .formatted(
                                written,
                                stated,
                                facts.window() > 0
                                        ? "the graph's mask has"
                                        : "read as halved it is",
                                found,
                                written == found + 1
                                        ? ": the exporter wrote the window halved"
                                        : ""));
        return found;
    }

    private void size(String name, int stated, int found) throws IOException {
        setting(name, stated);
        if (stated != found) {
            contradictions.add(name + " " + stated + " but the weights have " + found);
        }
    }

    private int vocabulary() throws IOException {
        if (config.vocabSize() == facts.vocabulary()) {
            setting("vocab_size", config.vocabSize());
            return config.vocabSize();
        }
        warnings.add(
                "vocab_size: config.json says "
                        + config.vocabSize()
                        + ", the table has "
                        + facts.vocabulary()
                        + " rows, which is used");
        settings.add(new Setting("vocab_size", "" + facts.vocabulary(), Source.GRAPH));
        return facts.vocabulary();
    }

    /** The stated value, unless nothing states it and the graph knows better. */
    private <N extends Number> N settled(String name, N stated, N found, double tolerance)
            throws IOException {
        boolean same =
                found == null
                        || Double.isNaN(found.doubleValue())
                        || Math.abs(found.doubleValue() / stated.doubleValue() - 1) <= tolerance;
        if (!same && !published && !isStated(name)) {
            settings.add(new Setting(name, String.valueOf(found), Source.GRAPH));
            return found;
        }
        setting(name, stated);
        if (!same) {
            conflict(name, stated, found);
        }
        return stated;
    }

    private void activation() throws IOException {
        String stated = sources.activation();
        if (stated.equals("gelu") && gemma) {
            warnings.add(
                    "hidden_activation: config.json says gelu, by erf; Gemma 3 is defined by"
                            + " gelu_pytorch_tanh, which is used; the two differ by less than"
                            + " 0.0005");
        }
    }

    private double ropeBase(String name, double stated, boolean local) throws IOException {
        RopeEvidence rope = rope(local);
        return settled(name, stated, rope == null ? null : rope.base(), 0.01);
    }

    /** What the first layer of a kind rotates with, or null if no such layer shows it. */
    private RopeEvidence rope(boolean local) {
        for (int layer = 0; layer < config.layers(); layer++) {
            RopeEvidence rope = facts.ropes().get(layer);
            if (rope != null && config.isLocal(layer) == local) {
                return rope;
            }
        }
        return null;
    }

    private void factors() throws IOException {
        double right = config.attention().global().rope().linearFactor();
        setting("rope_scaling.factor", right);
        RopeEvidence local = rope(true);
        if (local != null && local.factor() != 1) {
            warnings.add(RopeFaults.localScaled(local.factor()));
        }
        RopeEvidence global = rope(false);
        if (global != null && Math.abs(global.factor() / right - 1) > 0.01) {
            warnings.add(RopeFaults.globalFactor(global.factor(), right));
        }
    }

    private int window() throws IOException {
        boolean shown = facts.window() != 0;
        int window =
                settled(
                        "sliding_window",
                        config.slidingWindow(),
                        shown ? (Integer) facts.window() : null,
                        0);
        setting("layer_types", ConfigRecovery.describe(config.localLayers()));
        List<Boolean> found = facts.windows().stream().map(w -> w > 0).toList();
        if (shown && !found.equals(config.localLayers())) {
            conflict(
                    "layer_types",
                    ConfigRecovery.describe(config.localLayers()),
                    ConfigRecovery.describe(found));
        }
        return window;
    }

    private double scalar() throws IOException {
        String name = "query_pre_attn_scalar";
        double scale = facts.scale();
        double stated = config.queryPreAttentionScalar();
        if (!Double.isNaN(scale) && !published && !isStated(name)) {
            // a scale to three digits says no more of the scalar
            return settled(name, stated, RopeEvidence.round(1 / (scale * scale), 3), 0.02);
        }
        setting(name, stated);
        if (!Double.isNaN(scale) && Math.abs(scale / config.attentionScale() - 1) > 0.01) {
            conflict("attention scale", config.attentionScale(), scale);
        }
        return stated;
    }

    /** Generation stops at what generation_config.json lists, as in transformers. */
    private List<Integer> eos() throws IOException {
        List<Integer> generation = ConfigSources.tokens(sources.generation(), "eos_token_id");
        if (generation.isEmpty() || generation.equals(config.eosTokenIds())) {
            setting("eos_token_id", config.eosTokenIds());
            return config.eosTokenIds();
        }
        settings.add(new Setting("eos_token_id", "" + generation, Source.GENERATION_CONFIG));
        return generation;
    }

    private void conflict(String name, Object stated, Object found) throws IOException {
        boolean isStated = name.equals("attention scale") || isStated(name);
        warnings.add(
                name
                        + (isStated
                                ? ": config.json says "
                                : ": the default, which config.json leaves, is ")
                        + stated
                        + ", the graph "
                        + found
                        + (isStated ? "; config.json is taken" : "; the default is taken"));
    }

    private void setting(String name, Object value) throws IOException {
        Source source = isStated(name) ? Source.CONFIG_JSON : Source.DEFAULT;
        settings.add(new Setting(name, String.valueOf(value), source));
    }

    private boolean isStated(String name) throws IOException {
        return switch (name) {
            case "rope_theta", "rope_local_base_freq" -> sources.states(name, "rope_parameters");
            case "rope_scaling.factor", "rope_scaling" ->
                    sources.states("rope_scaling", "rope_parameters");
            case "layer_types" ->
                    sources.states(name, "sliding_window_pattern", "_sliding_window_pattern");
            default -> sources.states(name);
        };
    }
}
