package io.djlnpu.onnx.naming;

import io.djlnpu.bundle.DecoderSpec;
import io.djlnpu.bundle.TensorLayout;
import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import io.djlnpu.onnx.weight.WeightExpression;
import io.djlnpu.q4nx.Q4nxFormat;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Makes sure, before anything is converted, that every weight of the decoder has the shape that the
 * configuration gives it and that its data is there to the last element.
 */
public final class WeightCheck {

    private WeightCheck() {}

    public static void check(DecoderSpec config, Map<String, WeightExpression> weights, String file)
            throws IOException {
        List<String> wrong = new ArrayList<>();
        for (TensorLayout layout : TensorLayout.text(config)) {
            WeightExpression matrix = weights.get(layout.name());
            boolean fits =
                    matrix == null
                            || matrix.rows() == layout.rows()
                                    && matrix.columns() == layout.columns();
            if (!fits) {
                wrong.add(
                        layout.name()
                                + " is "
                                + matrix.rows()
                                + " x "
                                + matrix.columns()
                                + ", expected "
                                + layout.rows()
                                + " x "
                                + layout.columns());
            }
        }
        if (!wrong.isEmpty()) {
            throw new ModelFormatException(
                    Code.SHAPE_MISMATCH,
                    file
                            + ": weights that do not fit the others:\n  - "
                            + String.join("\n  - ", wrong));
        }
        unaligned(config, file);
        readable(weights, file);
    }

    /** Said here, since it is the bundle that cannot hold what the graph can. */
    private static void unaligned(DecoderSpec config, String file) throws ModelFormatException {
        for (TensorLayout layout : TensorLayout.text(config)) {
            int unit = Q4nxFormat.BLOCK_ROWS;
            if (layout.quantized() && layout.storedRows() % unit != 0) {
                int next = Math.ceilDiv(layout.rows(), unit) * unit;
                boolean isHead = layout.name().equals(TensorLayout.HEAD);
                throw new ModelFormatException(
                        Code.UNSUPPORTED_ENCODING,
                        "%s: %s has %d rows, Q4NX holds multiples of %d only; %s"
                                .formatted(
                                        file,
                                        layout.name(),
                                        layout.rows(),
                                        unit,
                                        isHead
                                                ? "pad the vocabulary to "
                                                        + next
                                                        + " (transformers:"
                                                        + " resize_token_embeddings(n,"
                                                        + " pad_to_multiple_of="
                                                        + unit
                                                        + ")) and export the model again"
                                                : "no published Gemma 3 has such a size"));
            }
        }
    }

    /** Makes sure that every weight's data is there to the last element. */
    public static void readable(Map<String, WeightExpression> weights, String file)
            throws IOException {
        for (Map.Entry<String, WeightExpression> entry : weights.entrySet()) {
            WeightExpression weight = entry.getValue();
            if (weight.elements() == 0) {
                throw new ModelFormatException(
                        Code.SHAPE_MISMATCH, file + ": " + entry.getKey() + " is empty");
            }
            weight.read(0, 1, 0, 1, new float[1]);
            weight.read(weight.rows() - 1, 1, weight.columns() - 1, 1, new float[1]);
        }
    }
}
