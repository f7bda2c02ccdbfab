package io.djlnpu.bundle;

import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The families that are known. */
final class Families {

    static final Family GEMMA3 = new Gemma3Family();

    /** Sizes of which nobody says whose they are. */
    static final Family PLAIN = new PricedFamily("decoder", NormPlacement.BEFORE, false);

    /** The first that recognises a configuration has it. */
    private static final List<Family> RUN =
            List.of(
                    new EmbeddingGemmaFamily(),
                    GEMMA3,
                    new VaultGemmaFamily(),
                    new LlamaFamily(),
                    new Qwen3Family());

    private static final List<Family> PRICED =
            List.of(
                    new PricedFamily("gemma", NormPlacement.BEFORE, false),
                    new PricedFamily("gemma2", NormPlacement.AROUND, false),
                    new PricedFamily("glm4", NormPlacement.AROUND, false),
                    new PricedFamily("granite", NormPlacement.BEFORE, false),
                    new PricedFamily("mistral", NormPlacement.BEFORE, false),
                    new PricedFamily("olmo2", NormPlacement.AFTER, true),
                    new PricedFamily("phi3", NormPlacement.BEFORE, false),
                    new PricedFamily("qwen2", NormPlacement.BEFORE, false),
                    new PricedFamily("qwen2_5_vl_text", NormPlacement.BEFORE, false),
                    new PricedFamily("qwen3_vl_text", NormPlacement.BEFORE, true),
                    new PricedFamily("smollm3", NormPlacement.BEFORE, false));

    /** Fine-tunes under names of their own; what they are is seen from the weights. */
    private static final Pattern LIKE_GEMMA3 =
            Pattern.compile(
                    "(?!gemma3n|gemma4|t5gemma|recurrent_gemma|paligemma|embeddinggemma2)"
                            + ".*gemma(?!\\d|n).*");

    private Families() {}

    static List<Family> run() {
        return RUN;
    }

    private static Stream<Family> all() {
        return Stream.concat(RUN.stream(), PRICED.stream());
    }

    static Family named(String name) {
        return Stream.concat(all(), Stream.of(PLAIN))
                .filter(family -> family.name().equals(name))
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "no family '%s'; known: %s"
                                                .formatted(name, names(family -> true))));
    }

    static String names(Predicate<Family> which) {
        return all().filter(which).map(Family::name).sorted().collect(Collectors.joining(", "));
    }

    /**
     * By {@code model_type}, else by {@code architectures}, else the one for files that say none;
     * of a Gemma 3 that sees in both directions it is the embedding model.
     */
    static Family ofConfig(ConfigReader top, Family nameless) throws ModelFormatException {
        ConfigReader text = ConfigKeys.text(top);
        Family family = byName(top, text.text("model_type", top.text("model_type", "")), nameless);
        boolean gemma = family == GEMMA3 || family == nameless;
        return gemma && text.flag("use_bidirectional_attention", false)
                ? named(EmbeddingGemmaFamily.NAME)
                : family;
    }

    private static Family byName(ConfigReader top, String type, Family nameless)
            throws ModelFormatException {
        for (Family family : all().toList()) {
            if (family.hasModelType(type)) {
                return family;
            }
        }
        for (String architecture : top.texts("architectures")) {
            for (Family family : RUN) {
                if (family.hasArchitecture(architecture)) {
                    return family;
                }
            }
        }
        if (LIKE_GEMMA3.matcher(type).matches()) {
            return GEMMA3;
        }
        if (type.isEmpty()) {
            return nameless;
        }
        throw top.error(
                Code.UNSUPPORTED_MODEL,
                "model_type is '%s', which is unknown; run: %s; only priced: %s"
                        .formatted(type, names(Family::isRun), names(f -> !f.isRun())));
    }
}
