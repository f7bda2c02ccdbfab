package io.djlnpu.onnx.naming;

import io.djlnpu.bundle.NormPlacement;
import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import io.djlnpu.onnx.check.ForeignArithmetic;
import io.djlnpu.onnx.structure.Dataflow;
import io.djlnpu.onnx.structure.Dataflow.Trace;
import io.djlnpu.onnx.structure.Landmark.Lookup;
import io.djlnpu.onnx.structure.Landmarks;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;

/**
 * What rows of the table are multiplied by: sqrt(hidden) in every Gemma, nothing in others, in the
 * decoder or in the embedding's own graph. The bundle multiplies by it, so a table that holds the
 * factor already, or a graph without it, would become another model.
 *
 * <p><b>Numerics</b>: exporters round the root to two decimals, to bfloat16 or to float16; one
 * percent covers all of them.
 */
public final class TableScale {

    private static final double TOLERANCE = 0.01;

    private TableScale() {}

    /**
     * Reads the factor of an embedding graph.
     *
     * @param table the lookup in it
     * @param landmarks the graph's landmarks
     * @param problems receives what changes rows in another way
     * @return the factor between the lookup and the graph's outputs
     */
    public static double of(Lookup table, Landmarks landmarks, List<String> problems)
            throws IOException {
        Dataflow flow = new Dataflow(landmarks);
        Trace behind = flow.forward(table.node().output(0));
        ForeignArithmetic foreign = new ForeignArithmetic(landmarks);
        double scale = foreign.scale(new LinkedHashSet<>(behind.plumbing()), true);
        problems.addAll(foreign.problems());
        return scale;
    }

    /** Tells whether rows are multiplied by the root of their width. */
    public static boolean isRoot(double scale, int hidden) {
        return Math.abs(scale / Math.sqrt(hidden) - 1) <= TOLERANCE;
    }

    /**
     * Tells a table that is meant to be scaled. A model of four norms is a Gemma, whatever its
     * factor; of another none may be meant, but a factor is one.
     */
    public static boolean isScaled(double scale, int hidden, NormPlacement norms) {
        return norms == NormPlacement.AROUND || isRoot(scale, hidden);
    }

    /** Makes sure that a factor is the one that a model of this width has. */
    public static void check(double scale, int hidden, boolean scaled, String file)
            throws ModelFormatException {
        double root = Math.sqrt(hidden);
        if (scaled ? isRoot(scale, hidden) : scale == 1) {
            return;
        }
        if (!scaled) {
            throw new ModelFormatException(
                    Code.UNSUPPORTED_MODEL,
                    "%s: rows of the table are multiplied by %.6g; in this family they are not"
                            .formatted(file, scale));
        }
        throw new ModelFormatException(
                Code.UNSUPPORTED_MODEL,
                "%s: rows of the table are multiplied by %.6g, expected sqrt(hidden_size) = %.6g; %s"
                        .formatted(
                                file,
                                scale,
                                root,
                                scale == 1
                                        ? "the table is scaled already, or the factor is missing:"
                                                + " export the model with a plain table"
                                        : "no Gemma 3 does so; export the model again"));
    }
}
