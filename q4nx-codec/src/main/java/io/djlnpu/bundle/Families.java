package io.djlnpu.bundle;

import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import java.util.List;
import java.util.function.Predicate;
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
     * By {@code model_type}, else by {@code architectures}, else the one for files that say none.
     */
    static Family ofConfig(ConfigReader top, Family nameless) throws ModelFormatException {
        ConfigReader text = ConfigKeys.text(top);
        String type = text.text("model_type", top.text("model_type", ""));
        if (text.flag("use_bidirectional_attention", false) && isGemma3(top, text, type)) {
            return named(EmbeddingGemmaFamily.NAME);
        }
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
        if (type.isEmpty()) {
            return nameless;
        }
        throw top.error(
                Code.UNSUPPORTED_MODEL,
                "model_type is '%s', which is unknown; run: %s; only priced: %s"
                        .formatted(type, names(Family::isRun), names(f -> !f.isRun())));
    }

    private static boolean isGemma3(ConfigReader top, ConfigReader text, String type)
            throws ModelFormatException {
        return type.isEmpty()
                || GEMMA3.hasModelType(type)
                || type.equals(EmbeddingGemmaFamily.NAME)
                || top.texts("architectures").stream().anyMatch(GEMMA3::hasArchitecture);
    }
}
