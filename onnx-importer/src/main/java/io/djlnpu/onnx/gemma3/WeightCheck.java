package io.djlnpu.onnx.gemma3;

import io.djlnpu.bundle.Gemma3Config;
import io.djlnpu.bundle.TensorLayout;
import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import io.djlnpu.onnx.weight.WeightExpression;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Makes sure, before anything is converted, that every weight of the decoder has the shape that the
 * configuration gives it and that its data is there to the last element.
 */
final class WeightCheck {

    private WeightCheck() {}

    static void check(Gemma3Config config, Map<String, WeightExpression> weights, String file)
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
