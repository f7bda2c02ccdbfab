package io.djlnpu.onnx.configuration;

/** The known faults of exporters in rotary tables, in words. */
public final class RopeFaults {

    private RopeFaults() {}

    public static String localScaled(double factor) {
        return "RoPE: the graph divides the angles of local layers by "
                + factor
                + ", a fault of ONNX Runtime GenAI's builder from 0.14 on; Gemma 3 never does, so"
                + " local layers are not scaled";
    }

    public static String globalFactor(double found, double right) {
        return "RoPE: the graph divides the angles of global layers by "
                + found
                + ", the model's own factor is "
                + right
                + (found == 1 ? "; several exporters forget it, so " : "; ")
                + right
                + " is used";
    }

    public static String perhapsForgotten() {
        return "RoPE: the graph does not scale the angles of global layers; several exporters forget"
                + " to, so if the model has a rope_scaling, name its config.json with --config";
    }
}
