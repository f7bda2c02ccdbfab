package io.djlnpu.onnx.weight;

import io.djlnpu.bundle.WeightMatrix;
import java.io.IOException;
import java.util.Objects;
import java.util.Optional;

/** A weight expression as the bundle's writer takes it. */
public final class ExpressionMatrix implements WeightMatrix {

    private final WeightExpression expression;
    private final Affine affine;

    /**
     * Wraps an expression.
     *
     * @param expression the matrix, {@code [outputs, inputs]}
     * @throws IOException if the source cannot be read
     */
    public ExpressionMatrix(WeightExpression expression) throws IOException {
        this.expression = expression;
        this.affine = expression.affine().orElse(null);
    }

    @Override
    public int rows() {
        return expression.rows();
    }

    @Override
    public int columns() {
        return expression.columns();
    }

    @Override
    public void readRows(int firstRow, int rowCount, float[] destination) throws IOException {
        Objects.checkFromIndexSize(firstRow, rowCount, rows());
        expression.read(firstRow, rowCount, 0, columns(), destination);
    }

    @Override
    public Optional<Affine> affine() {
        return Optional.ofNullable(affine);
    }
}
