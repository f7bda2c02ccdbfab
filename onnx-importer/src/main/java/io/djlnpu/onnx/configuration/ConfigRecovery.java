package io.djlnpu.onnx.configuration;

import io.djlnpu.bundle.AttentionLayout;
import io.djlnpu.bundle.AttentionSpec;
import io.djlnpu.bundle.DecoderSizes;
import io.djlnpu.bundle.DecoderSpec;
import io.djlnpu.bundle.EmbeddingHead;
import io.djlnpu.bundle.Family;
import io.djlnpu.bundle.Gemma3Sizes;
import io.djlnpu.bundle.NormPlacement;
import io.djlnpu.bundle.RopeScaling;
import io.djlnpu.bundle.RopeSpec;
import io.djlnpu.bundle.TokenIds;
import io.djlnpu.bundle.Visibility;
import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import io.djlnpu.onnx.report.ImportReport.Setting;
import io.djlnpu.onnx.report.ImportReport.Source;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Recovers the configuration where there is no {@code config.json}: from the graph, the table of
 * published sizes, {@code genai_config.json} and the family's definition, in an order that depends
 * on what exporters get wrong.
 *
 * <p>Exporters are known to divide the angles of local layers as well, to forget the factor of
 * global ones, and to write a context that is a run-time limit. The definition and the published
 * size settle such conflicts; each is reported.
 */
public final class ConfigRecovery {

    private static final int PATTERN = 6;
    private static final double GLOBAL_BASE = 1e6;
    private static final double LOCAL_BASE = 1e4;
    private static final float EPSILON = 1e-6f;

    private final String file;
    private final Family family;
    private final boolean gemma;
    private final ConfigFacts facts;
    private final ConfigSources sources;
    private final Optional<Gemma3Sizes> size;
    private final List<Setting> settings = new ArrayList<>();
    private final List<String> warnings;
    private final List<String> missing = new ArrayList<>();

    public ConfigRecovery(
            String file,
            Family family,
            ConfigFacts facts,
            ConfigSources sources,
            List<String> warnings) {
        this.file = file;
        this.family = family;
        this.gemma = family.style(1, 1).norms() == NormPlacement.AROUND;
        this.facts = facts;
        this.sources = sources;
        this.warnings = warnings;
        this.size =
                family.name().equals("gemma3")
                        ? Gemma3Sizes.find(facts.hidden(), facts.layers())
                        : Optional.empty();
    }

    public List<Setting> settings() {
        return settings;
    }

    /** The text model's configuration. */
    public DecoderSpec recover() throws ModelFormatException {
        size("hidden_size", facts.hidden(), "decoder", "hidden_size");
        size("num_hidden_layers", facts.layers(), "decoder", "num_hidden_layers");
        size("num_attention_heads", facts.heads(), "decoder", "num_attention_heads");
        size("num_key_value_heads", facts.kvHeads(), "decoder", "num_key_value_heads");
        size("head_dim", facts.headDim(), "decoder", "head_size");
        set("intermediate_size", facts.intermediate(), Source.GRAPH);
        size("vocab_size", facts.vocabulary(), "vocab_size");
        int context = context();
        float epsilon =
                Float.isNaN(facts.epsilon())
                        ? set("rms_norm_eps", EPSILON, Source.DEFINITION)
                        : set("rms_norm_eps", facts.epsilon(), Source.GRAPH);
        AttentionLayout attention = attention();
        double scalar = queryPreAttentionScalar();
        int bos = token("bos_token_id", gemma ? 2 : TokenIds.NONE);
        int pad = token("pad_token_id", gemma ? 0 : TokenIds.NONE);
        List<Integer> eos = eos();
        if (!missing.isEmpty()) {
            throw new ModelFormatException(
                    Code.MISSING_CONFIG,
                    file
                            + ": the graph does not say "
                            + String.join(", ", missing)
                            + ", and there is no config.json; put the model's config.json beside"
                            + " it, or name one with --config");
        }
        DecoderSizes sizes =
                new DecoderSizes(
                        facts.hidden(),
                        facts.layers(),
                        facts.heads(),
                        facts.kvHeads(),
                        facts.headDim(),
                        facts.intermediate(),
                        facts.vocabulary(),
                        context);
        return new DecoderSpec(
                family.name(),
                sizes,
                family.style(epsilon, scalar),
                attention,
                new TokenIds(bos, pad, eos),
                family.isCausal() ? Optional.empty() : Optional.of(EmbeddingHead.MEAN),
                Optional.empty());
    }

    private AttentionLayout attention() {
        List<Boolean> local = localLayers();
        RopeEvidence localRope = rope(local, true);
        RopeEvidence globalRope = rope(local, false);
        RopeSpec global =
                new RopeSpec(
                        base("rope_theta", globalRope, GLOBAL_BASE),
                        scaling(globalRope, localRope));
        Visibility all = family.isCausal() ? Visibility.CAUSAL : Visibility.ALL;
        AttentionSpec everywhere = new AttentionSpec(global, all);
        if (!gemma && !local.contains(true)) {
            return new AttentionLayout(everywhere, everywhere, local);
        }
        double localTheta =
                gemma ? base("rope_local_base_freq", localRope, LOCAL_BASE) : global.theta();
        int keys = window();
        Visibility window =
                family.isCausal()
                        ? Visibility.window(Math.max(1, keys))
                        : Visibility.around(Math.max(0, keys - 1));
        RopeSpec rope = gemma ? RopeSpec.of(localTheta) : global;
        return new AttentionLayout(new AttentionSpec(rope, window), everywhere, local);
    }

    private RopeScaling scaling(RopeEvidence global, RopeEvidence local) {
        if (gemma) {
            return RopeScaling.linear(factor(global, local));
        }
        RopeScaling found = global == null ? new RopeScaling.None() : global.rope().scaling();
        return set("rope_scaling", found, Source.GRAPH);
    }

    /** The weights have the last word on sizes. */
    private void size(String name, int found, String... genaiPath) throws ModelFormatException {
        Integer stated = sources.genai(genaiPath);
        if (stated != null && stated != found) {
            warnings.add(
                    name
                            + ": genai_config.json says "
                            + stated
                            + ", the weights have "
                            + found
                            + ", which is taken");
        }
        set(name, found, Source.GRAPH);
    }

    private int context() throws ModelFormatException {
        Integer stated = sources.genai("context_length");
        int rows =
                facts.ropes().stream()
                        .filter(rope -> rope != null)
                        .mapToInt(RopeEvidence::positions)
                        .max()
                        .orElse(0);
        String name = "max_position_embeddings";
        if (size.isPresent()) {
            int known = size.get().maxPositions();
            if (stated != null && stated != known) {
                warnings.add(
                        name
                                + ": genai_config.json says "
                                + stated
                                + ", a limit of that export; the model was made for "
                                + known);
            }
            return set(name, known, Source.SIZE_TABLE);
        }
        if (stated != null) {
            return set(name, stated, Source.GENAI_CONFIG);
        }
        if (rows > 0) {
            return set(name, rows, Source.GRAPH);
        }
        missing.add(name);
        return 0;
    }

    private List<Boolean> localLayers() {
        List<Integer> windows = facts.windows();
        boolean byWindow = windows.stream().anyMatch(w -> w > 0);
        boolean byRope =
                gemma
                        && !facts.ropes().contains(null)
                        && facts.ropes().stream().mapToDouble(RopeEvidence::base).distinct().count()
                                == 2;
        List<Boolean> pattern =
                IntStream.range(0, facts.layers()).mapToObj(i -> (i + 1) % PATTERN != 0).toList();
        List<Boolean> found = gemma ? pattern : Collections.nCopies(facts.layers(), false);
        Source source = Source.DEFINITION;
        if (byWindow) {
            found = windows.stream().map(w -> w > 0).toList();
            source = Source.GRAPH;
        } else if (byRope) {
            double lower =
                    facts.ropes().stream().mapToDouble(RopeEvidence::base).min().getAsDouble();
            found = facts.ropes().stream().map(rope -> rope.base() == lower).toList();
            source = Source.GRAPH;
        }
        set("layer_types", describe(found), source);
        if (gemma && !found.equals(pattern)) {
            warnings.add(
                    "layer_types: the graph has "
                            + describe(found)
                            + ", unlike Gemma 3's five local layers to one global; taken as it is");
        }
        return found;
    }

    public static String describe(List<Boolean> local) {
        StringBuilder text = new StringBuilder();
        local.forEach(isLocal -> text.append(isLocal ? 'L' : 'G'));
        return text.toString();
    }

    private RopeEvidence rope(List<Boolean> local, boolean wanted) {
        for (int layer = 0; layer < local.size(); layer++) {
            if (local.get(layer) == wanted && facts.ropes().get(layer) != null) {
                return facts.ropes().get(layer);
            }
        }
        return null;
    }

    private double base(String name, RopeEvidence evidence, double definition) {
        if (evidence == null && !gemma) {
            missing.add(name);
            return 0;
        }
        return evidence == null
                ? set(name, definition, Source.DEFINITION)
                : set(name, evidence.base(), Source.GRAPH);
    }

    private double factor(RopeEvidence global, RopeEvidence local) {
        String name = "rope_scaling.factor";
        if (local != null && local.factor() != 1) {
            warnings.add(RopeFaults.localScaled(local.factor()));
        }
        if (size.isPresent()) {
            double known = size.get().ropeScalingFactor();
            if (global != null && global.factor() != known) {
                warnings.add(RopeFaults.globalFactor(global.factor(), known));
            }
            return set(name, known, Source.SIZE_TABLE);
        }
        if (global != null) {
            if (global.factor() == 1) {
                warnings.add(RopeFaults.perhapsForgotten());
            }
            return set(name, global.factor(), Source.GRAPH);
        }
        missing.add(name);
        return 1;
    }

    private int window() {
        int found = facts.window();
        if (found > 0) {
            return set("sliding_window", found, Source.GRAPH);
        }
        if (size.isPresent()) {
            return set("sliding_window", size.get().slidingWindow(), Source.SIZE_TABLE);
        }
        missing.add("sliding_window");
        return 0;
    }

    private double queryPreAttentionScalar() {
        String name = "query_pre_attn_scalar";
        double scale = facts.scale();
        double found = Double.isNaN(scale) ? 0 : RopeEvidence.round(1 / (scale * scale), 3);
        if (size.isPresent()) {
            double known = size.get().queryPreAttentionScalar();
            if (found > 0 && found != known) {
                warnings.add(name + ": the graph has " + found + ", the published model " + known);
            }
            return set(name, known, Source.SIZE_TABLE);
        }
        if (found > 0) {
            return set(name, found, Source.GRAPH);
        }
        if (!gemma) {
            return set(name, (double) facts.headDim(), Source.DEFINITION);
        }
        missing.add(name);
        return 0;
    }

    private int token(String key, int definition) throws ModelFormatException {
        Integer stated = sources.genai(key);
        return stated == null
                ? set(key, definition, Source.DEFINITION)
                : set(key, stated, Source.GENAI_CONFIG);
    }

    private List<Integer> eos() throws ModelFormatException {
        List<Integer> stated = ConfigSources.tokens(sources.genai(), "eos_token_id");
        if (!stated.isEmpty()) {
            return set("eos_token_id", stated, Source.GENAI_CONFIG);
        }
        List<Integer> generation = ConfigSources.tokens(sources.generation(), "eos_token_id");
        if (!generation.isEmpty()) {
            return set("eos_token_id", generation, Source.GENERATION_CONFIG);
        }
        return set("eos_token_id", gemma ? List.of(1, 106) : List.of(), Source.DEFINITION);
    }

    private <T> T set(String name, T value, Source source) {
        settings.add(new Setting(name, String.valueOf(value), source));
        return value;
    }
}
