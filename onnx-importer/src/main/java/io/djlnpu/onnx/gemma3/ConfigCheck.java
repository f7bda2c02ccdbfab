package io.djlnpu.onnx.gemma3;

import io.djlnpu.bundle.Gemma3Config;
import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import io.djlnpu.onnx.gemma3.ImportReport.Setting;
import io.djlnpu.onnx.gemma3.ImportReport.Source;
import java.util.ArrayList;
import java.util.List;

/**
 * Holds {@code config.json} against the graph. Sizes that contradict the weights are an error;
 * where the two merely say different things, {@code config.json} is right and the report says so.
 */
final class ConfigCheck {

    private final String file;
    private final Gemma3Config config;
    private final ConfigFacts facts;
    private final List<String> warnings;
    private final List<Setting> settings = new ArrayList<>();
    private final List<String> contradictions = new ArrayList<>();

    ConfigCheck(String file, Gemma3Config config, ConfigFacts facts, List<String> warnings) {
        this.file = file;
        this.config = config;
        this.facts = facts;
        this.warnings = warnings;
    }

    List<Setting> settings() {
        return settings;
    }

    /** Returns the configuration with what only the weights can say. */
    Gemma3Config checked(ConfigSources sources) throws ModelFormatException {
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
        setting("rms_norm_eps", config.rmsNormEpsilon());
        epsilon();
        ropes();
        windows();
        scale();
        setting("bos_token_id", config.bosTokenId());
        setting("pad_token_id", config.padTokenId());
        List<Integer> eos = eos(sources);
        return new Gemma3Config(
                config.hiddenSize(),
                config.layers(),
                config.heads(),
                config.kvHeads(),
                config.headDim(),
                config.intermediateSize(),
                vocabulary,
                config.maxPositions(),
                config.rmsNormEpsilon(),
                config.ropeTheta(),
                config.ropeLocalTheta(),
                config.ropeScalingFactor(),
                config.slidingWindow(),
                config.localLayers(),
                config.queryPreAttentionScalar(),
                config.bosTokenId(),
                config.padTokenId(),
                eos,
                config.vision());
    }

    private void size(String name, int stated, int found) {
        setting(name, stated);
        if (stated != found) {
            contradictions.add(name + " " + stated + " but the weights have " + found);
        }
    }

    private int vocabulary() {
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

    private void epsilon() {
        float found = facts.epsilon();
        if (!Float.isNaN(found) && Math.abs(found / config.rmsNormEpsilon() - 1) > 0.05) {
            conflict("rms_norm_eps", config.rmsNormEpsilon(), found);
        }
    }

    private void ropes() {
        setting("rope_theta", config.ropeTheta());
        setting("rope_local_base_freq", config.ropeLocalTheta());
        setting("rope_scaling.factor", config.ropeScalingFactor());
        boolean localSeen = false;
        boolean globalSeen = false;
        for (int layer = 0; layer < config.layers(); layer++) {
            RopeEvidence rope = facts.ropes().get(layer);
            boolean local = config.isLocal(layer);
            if (rope == null || (local ? localSeen : globalSeen)) {
                continue;
            }
            localSeen |= local;
            globalSeen |= !local;
            double base = local ? config.ropeLocalTheta() : config.ropeTheta();
            if (Math.abs(rope.base() / base - 1) > 0.01) {
                conflict(local ? "rope_local_base_freq" : "rope_theta", base, rope.base());
            }
            if (local && rope.factor() != 1) {
                warnings.add(RopeFaults.localScaled(rope.factor()));
            } else if (!local && Math.abs(rope.factor() / config.ropeScalingFactor() - 1) > 0.01) {
                warnings.add(RopeFaults.globalFactor(rope.factor(), config.ropeScalingFactor()));
            }
        }
    }

    private void windows() {
        setting("sliding_window", config.slidingWindow());
        setting("layer_types", ConfigRecovery.describe(config.localLayers()));
        if (facts.window() == 0) {
            return;
        }
        if (facts.window() != config.slidingWindow()) {
            conflict("sliding_window", config.slidingWindow(), facts.window());
        }
        List<Boolean> found = facts.windows().stream().map(w -> w > 0).toList();
        if (!found.equals(config.localLayers())) {
            conflict(
                    "layer_types",
                    ConfigRecovery.describe(config.localLayers()),
                    ConfigRecovery.describe(found));
        }
    }

    private void scale() {
        setting("query_pre_attn_scalar", config.queryPreAttentionScalar());
        double found = facts.scale();
        if (!Double.isNaN(found) && Math.abs(found / config.attentionScale() - 1) > 0.01) {
            conflict("attention scale", config.attentionScale(), found);
        }
    }

    /** Generation stops at what generation_config.json lists, as in transformers. */
    private List<Integer> eos(ConfigSources sources) throws ModelFormatException {
        List<Integer> generation = ConfigSources.tokens(sources.generation(), "eos_token_id");
        if (generation.isEmpty() || generation.equals(config.eosTokenIds())) {
            setting("eos_token_id", config.eosTokenIds());
            return config.eosTokenIds();
        }
        settings.add(new Setting("eos_token_id", "" + generation, Source.GENERATION_CONFIG));
        return generation;
    }

    private void conflict(String name, Object stated, Object found) {
        warnings.add(
                name
                        + ": config.json says "
                        + stated
                        + ", the graph "
                        + found
                        + "; config.json is taken");
    }

    private void setting(String name, Object value) {
        settings.add(new Setting(name, String.valueOf(value), Source.CONFIG_JSON));
    }
}
