package io.djlnpu.engine;

import io.djlnpu.decoder.DecoderOptions;
import io.djlnpu.decoder.Numerics;
import io.djlnpu.decoder.WeightLayout;
import io.djlnpu.generate.Numbers;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads how a model is to be run from what the caller says: {@code optOption} first, then {@code
 * optArgument}. {@link FolderSettings} has taken out what the model says itself.
 *
 * <p>Known: {@code numerics} (bf16, float32), {@code threads}, {@code maxContext}, {@code
 * prefillChunk}, {@code weights} (auto, mapped, packed), {@code warmUp} (true, false), {@code
 * promptCacheMegabytes}, {@code promptCacheFile}. Others are left alone, since apps pass options of
 * other engines too.
 */
final class LoadOptions {

    private static final Logger LOGGER = LoggerFactory.getLogger(LoadOptions.class);

    private static final int MOST_THREADS = 1024;
    private static final int MOST_TOKENS = 1 << 24;
    private static final int MOST_CHUNK = 1 << 16;
    private static final int MOST_MEGABYTES = 1 << 24;

    private static final List<String> KNOWN =
            List.of(
                    "numerics",
                    "threads",
                    "maxContext",
                    "prefillChunk",
                    "weights",
                    "warmUp",
                    "promptCacheMegabytes",
                    "promptCacheFile");

    private final Map<String, Object> values = new LinkedHashMap<>();

    LoadOptions(Map<String, ?> options, Map<String, ?> properties) {
        values.putAll(properties);
        if (options != null) {
            values.putAll(options);
        }
        warnOfOtherSpellings();
    }

    /** Others are left alone, but an option that differs by its spelling alone is meant for us. */
    private void warnOfOtherSpellings() {
        for (String name : values.keySet()) {
            String plain = plain(name);
            for (String known : KNOWN) {
                if (plain.equals(plain(known)) && !name.equals(known)) {
                    LOGGER.warn("Option {} is not read; write {}", name, known);
                }
            }
        }
    }

    private static String plain(String name) {
        return name.replace("_", "").toLowerCase(Locale.ROOT);
    }

    DecoderOptions read() {
        DecoderOptions options = DecoderOptions.defaults();
        Object numerics = values.get("numerics");
        if (numerics != null) {
            options = options.withNumerics(numerics(numerics.toString()));
        }
        Object weights = values.get("weights");
        if (weights != null) {
            options = options.withWeights(weights(weights.toString()));
        }
        return options.withThreads(number("threads", 1, MOST_THREADS, options.threads()))
                .withMaxContext(number("maxContext", 0, MOST_TOKENS, options.maxContext()))
                .withPrefillChunk(number("prefillChunk", 1, MOST_CHUNK, options.prefillChunk()));
    }

    /** Whether kernels are compiled before the first prompt; they are unless told otherwise. */
    boolean warmUp() {
        Object value = values.getOrDefault("warmUp", true);
        return switch (value.toString().trim().toLowerCase(Locale.ROOT)) {
            case "true" -> true;
            case "false" -> false;
            default ->
                    throw new IllegalArgumentException(
                            "option warmUp=" + value + ", expected true or false");
        };
    }

    KeptPrompts keptPrompts() {
        int megabytes = number("promptCacheMegabytes", 0, MOST_MEGABYTES, -1);
        Object file = values.get("promptCacheFile");
        return new KeptPrompts(
                megabytes < 0 ? OptionalLong.empty() : OptionalLong.of((long) megabytes << 20),
                Optional.ofNullable(file).map(name -> Path.of(name.toString())));
    }

    private static Numerics numerics(String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "bf16", "bfloat16" -> Numerics.BF16;
            case "float32", "fp32" -> Numerics.FLOAT32;
            default ->
                    throw new IllegalArgumentException(
                            "option numerics=" + name + ", expected bf16 or float32");
        };
    }

    private static WeightLayout weights(String name) {
        for (WeightLayout layout : WeightLayout.values()) {
            if (layout.name().equalsIgnoreCase(name)) {
                return layout;
            }
        }
        throw new IllegalArgumentException(
                "option weights=" + name + ", expected auto, mapped or packed");
    }

    private int number(String name, int least, int most, int otherwise) {
        Object value = values.get(name);
        return value == null ? otherwise : Numbers.whole("option " + name, value, least, most);
    }
}
