package io.djlnpu.bundle;

import io.djlnpu.format.ModelFormatException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Rotary embeddings, from whichever generation of keys a file has, and back. */
final class RopeKeys {

    private RopeKeys() {}

    /**
     * The embedding of global layers, or of all where they are alike: per-type {@code
     * rope_parameters}, then flat ones, then the older keys.
     */
    static RopeSpec global(ConfigReader text, double defaultTheta) throws ModelFormatException {
        Optional<ConfigReader> parameters = text.child("rope_parameters");
        Optional<ConfigReader> own = parameters.flatMap(p -> p.child("full_attention"));
        double theta = text.positive("rope_theta", defaultTheta);
        if (own.isPresent() && own.get().has("rope_theta")) {
            theta = own.get().positive("rope_theta", defaultTheta);
        } else if (parameters.isPresent()) {
            theta = parameters.get().positive("rope_theta", theta);
        }
        // transformers 5 writes rope_scaling over the parameters of the global layers
        Optional<ConfigReader> scaling =
                text.child("rope_scaling").or(() -> own).or(() -> parameters);
        return new RopeSpec(
                theta, scaling.isPresent() ? scaling(scaling.get()) : new RopeScaling.None());
    }

    /** The base of local layers, where they have one of their own. */
    static double localTheta(ConfigReader text, double defaultTheta) throws ModelFormatException {
        Optional<ConfigReader> own =
                text.child("rope_parameters").flatMap(p -> p.child("sliding_attention"));
        double theta = text.positive("rope_local_base_freq", defaultTheta);
        return own.isPresent() ? own.get().positive("rope_theta", theta) : theta;
    }

    private static RopeScaling scaling(ConfigReader keys) throws ModelFormatException {
        String type = keys.text("rope_type", keys.text("type", "default"));
        return switch (type) {
            case "default" -> new RopeScaling.None();
            case "linear" -> RopeScaling.linear(keys.positive("factor", 1));
            case "llama3" -> llama3(keys);
            default -> new RopeScaling.Other(type);
        };
    }

    private static RopeScaling llama3(ConfigReader keys) throws ModelFormatException {
        double low = keys.positive("low_freq_factor", 1);
        double high = keys.positive("high_freq_factor", 4);
        if (high <= low) {
            throw keys.malformed("high_freq_factor", high + " is not above low_freq_factor " + low);
        }
        return new RopeScaling.Llama3(
                keys.positive("factor", 8),
                low,
                high,
                keys.positive("original_max_position_embeddings", 8192));
    }

    /** In an order of its own: that of Map.of is another one in every process. */
    static Map<String, Object> render(RopeScaling scaling) {
        Map<String, Object> json = new LinkedHashMap<>();
        switch (scaling) {
            case RopeScaling.None none -> {
                return null;
            }
            case RopeScaling.Linear linear -> {
                json.put("factor", linear.factor());
                json.put("rope_type", "linear");
            }
            case RopeScaling.Llama3 llama -> {
                json.put("factor", llama.factor());
                json.put("high_freq_factor", llama.highFrequencyFactor());
                json.put("low_freq_factor", llama.lowFrequencyFactor());
                json.put("original_max_position_embeddings", (long) llama.originalContext());
                json.put("rope_type", "llama3");
            }
            case RopeScaling.Other other -> json.put("rope_type", other.type());
        }
        return json;
    }
}
