package io.djlnpu.bundle;

import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import java.util.Optional;

/** The rotary embedding of both layer types, from whichever generation of keys the file has. */
record RopeSettings(double globalTheta, double localTheta, double factor) {

    private static final double GLOBAL_THETA = 1e6;
    private static final double LOCAL_THETA = 1e4;

    static RopeSettings read(ConfigReader text, Optional<Gemma3Sizes> size)
            throws ModelFormatException {
        Optional<ConfigReader> parameters = text.child("rope_parameters");
        Optional<ConfigReader> global = parameters.flatMap(p -> p.child("full_attention"));
        Optional<ConfigReader> local = parameters.flatMap(p -> p.child("sliding_attention"));
        double globalTheta = text.positive("rope_theta", GLOBAL_THETA);
        if (global.isPresent() && global.get().has("rope_theta")) {
            globalTheta = global.get().positive("rope_theta", GLOBAL_THETA);
        } else if (parameters.isPresent()) {
            globalTheta = parameters.get().positive("rope_theta", globalTheta);
        }
        double localTheta = text.positive("rope_local_base_freq", LOCAL_THETA);
        if (local.isPresent()) {
            localTheta = local.get().positive("rope_theta", localTheta);
        }
        // transformers 5 writes rope_scaling over the parameters of the global layers
        Optional<ConfigReader> scaling =
                text.child("rope_scaling").or(() -> global).or(() -> parameters);
        double factor = 1;
        if (scaling.isPresent()) {
            factor = factor(scaling.get());
        } else if (!text.has("rope_scaling") && !text.has("rope_theta")) {
            // a minimal file of a published size states no RoPE at all
            factor = size.map(Gemma3Sizes::ropeScalingFactor).orElse(1.0);
        }
        return new RopeSettings(globalTheta, localTheta, factor);
    }

    private static double factor(ConfigReader scaling) throws ModelFormatException {
        String type = scaling.text("rope_type", scaling.text("type", "default"));
        return switch (type) {
            case "linear" -> scaling.positive("factor", 1);
            case "default" -> 1;
            default ->
                    throw scaling.error(
                            Code.UNSUPPORTED_MODEL,
                            "RoPE scaling '" + type + "'; Gemma 3 has linear scaling or none");
        };
    }
}
