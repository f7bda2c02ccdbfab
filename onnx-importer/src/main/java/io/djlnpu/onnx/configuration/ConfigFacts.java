package io.djlnpu.onnx.configuration;

import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import io.djlnpu.onnx.OnnxGraph;
import io.djlnpu.onnx.OnnxValue;
import io.djlnpu.onnx.structure.DecoderStructure;
import io.djlnpu.onnx.structure.DecoderStructure.Layer;
import io.djlnpu.onnx.weight.WeightExpression;
import io.djlnpu.onnx.weight.WeightResolver;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What the decoder's graph itself says about the configuration. Absent evidence is null, NaN or 0.
 *
 * @param hidden width of the residual stream
 * @param headDim width of a head
 * @param heads query heads
 * @param kvHeads key and value heads
 * @param intermediate width of the MLP
 * @param vocabulary rows of table and head
 * @param epsilon epsilon of the norms, NaN if not found
 * @param scale attention scale, NaN if not found
 * @param windows for each layer the window, -1 for global layers, 0 if not found
 * @param bothWays whether a window spans keys after a query as well
 * @param ropes for each layer the rotary embedding, null if not found
 */
public record ConfigFacts(
        int hidden,
        int headDim,
        int heads,
        int kvHeads,
        int intermediate,
        int vocabulary,
        float epsilon,
        double scale,
        List<Integer> windows,
        boolean bothWays,
        List<RopeEvidence> ropes) {

    private static final int WIDEST = 1 << 20;

    /**
     * Reads the facts.
     *
     * @param stated the width of a head as a configuration has it, 0 for unknown; asked last
     */
    public static ConfigFacts of(
            DecoderStructure decoder, WeightExpression table, WeightResolver resolver, int stated)
            throws IOException {
        Layer first = decoder.layers().get(0);
        String file = resolver.index().file();
        int hidden =
                size(file, "hidden_size", decoder.end().finalNorm().weight().columns(), WIDEST);
        int headDim =
                size(file, "head_dim", headDim(first, resolver.index().graph(), stated), WIDEST);
        int intermediate = size(file, "intermediate_size", first.mlp().gate().rows(), WIDEST);
        int vocabulary = size(file, "vocab_size", table.rows(), 1 << 24);
        int queries = heads(file, "query", first.attention().query().rows(), headDim);
        int keys = heads(file, "key", first.attention().key().rows(), headDim);
        if (queries % keys != 0) {
            throw mismatch(file, keys + " heads of keys do not divide " + queries + " of queries");
        }
        List<WindowEvidence> windows = new ArrayList<>();
        List<RopeEvidence> ropes = new ArrayList<>();
        for (Layer layer : decoder.layers()) {
            windows.add(WindowEvidence.of(layer.attention(), resolver));
            ropes.add(RopeEvidence.of(layer.attention(), headDim, resolver));
        }
        return new ConfigFacts(
                hidden,
                headDim,
                queries,
                keys,
                intermediate,
                vocabulary,
                decoder.end().finalNorm().epsilon(),
                ScaleEvidence.of(first.attention(), headDim, resolver),
                windows.stream().map(WindowEvidence::keys).toList(),
                windows.stream().anyMatch(WindowEvidence::bothWays),
                ropes);
    }

    /** As norms, operators or the cache's inputs show it, else as stated. */
    private static int headDim(Layer first, OnnxGraph graph, int stated) {
        int shown = first.attention().headDim();
        for (OnnxValue input : graph.inputs()) {
            boolean cache = shown == 0 && input.name().startsWith("past_");
            if (cache && input.dimensions().size() == 4 && input.dimensions().get(3) > 0) {
                shown = (int) Math.min(input.dimensions().get(3), WIDEST + 1);
            }
        }
        return shown != 0 ? shown : stated;
    }

    private static int size(String file, String name, int found, int most)
            throws ModelFormatException {
        if (found < 1 || found > most) {
            throw new ModelFormatException(
                    Code.LIMIT_EXCEEDED,
                    file + ": " + name + " " + found + ", expected at most " + most);
        }
        return found;
    }

    private static int heads(String file, String what, int rows, int headDim)
            throws ModelFormatException {
        if (rows < headDim || rows % headDim != 0) {
            throw mismatch(
                    file,
                    rows + " rows of the " + what + " are no multiple of a head's " + headDim);
        }
        return rows / headDim;
    }

    private static ModelFormatException mismatch(String file, String found) {
        return new ModelFormatException(
                Code.SHAPE_MISMATCH,
                file + ": " + found + "; the file is damaged, export it again");
    }

    public int layers() {
        return windows.size();
    }

    /** The first window that is one, or 0. */
    public int window() {
        return windows.stream().filter(w -> w > 0).findFirst().orElse(0);
    }
}
