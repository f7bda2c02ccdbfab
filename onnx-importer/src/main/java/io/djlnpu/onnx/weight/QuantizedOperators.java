package io.djlnpu.onnx.weight;

import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import io.djlnpu.onnx.ElementType;
import io.djlnpu.onnx.OnnxNode;
import io.djlnpu.onnx.OnnxTensor;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * The operators that hold a weight in few bits, as expressions.
 *
 * <p><b>Source</b>: the operator documents of ONNX and of ONNX Runtime's {@code com.microsoft}
 * domain. Whatever an operator says about its shape is checked against the bytes that are there.
 */
public final class QuantizedOperators {

    private static final int LONGEST = 1 << 28;

    private final WeightResolver resolver;

    QuantizedOperators(WeightResolver resolver) {
        this.resolver = resolver;
    }

    /**
     * Reads the weight of a MatMulNBits: {@code [N, blocks, block * bits / 8]} bytes, along K, low
     * bits first, the last block padded.
     *
     * @param node the operator
     * @return the matrix {@code [N, K]}
     * @throws IOException if it is malformed, reordered or prepacked
     */
    public WeightExpression matMulNBits(OnnxNode node) throws IOException {
        int rows = dimension(node, "N");
        int columns = dimension(node, "K");
        int bits = bounded(node, "bits", 4, 1, 64);
        int block = bounded(node, "block_size", 0, 0, LONGEST);
        checkPacking(node, bits, block);
        if (node.integer("weight_prepacked", 0) != 0) {
            throw unsupported(
                    node, "weight_prepacked: bytes rearranged for one GPU; export it for the CPU");
        }
        int blocks = Math.ceilDiv(columns, block);
        Codes codes =
                codes(node, 1, bits, false, (long) blocks * block, 1, (long) rows * blocks * block);
        checkOrder(node, columns, block);
        WeightExpression scales = grid(node, 2, rows, blocks);
        WeightExpression zeroPoints =
                zeroPoints(node, 3, bits, rows, blocks, 1 << (bits - 1), false);
        return new AffineWeight(rows, columns, codes, 1, block, scales, zeroPoints);
    }

    /**
     * Reads the table of a GatherBlockQuantized over its last axis.
     *
     * @param node the operator
     * @return the table {@code [vocabulary, width]}
     * @throws IOException if it is malformed or quantised along another axis
     */
    public WeightExpression gatherBlockQuantized(OnnxNode node) throws IOException {
        WeightExpression data = required(node, 0);
        OnnxTensor tensor = stored(node, 0);
        boolean bytePacked = tensor.type() == ElementType.UINT8;
        int bits = bytePacked ? bounded(node, "bits", 4, 1, 64) : tensor.type().bits();
        int block = bounded(node, "block_size", 128, 0, LONGEST);
        checkPacking(node, bits, block);
        long axis = node.integer("quantize_axis", 1);
        int rank = data.shape().length;
        if (node.integer("gather_axis", 0) != 0 || axis != rank - 1 && axis != -1) {
            throw unsupported(node, "gathered or quantised along another axis than the last");
        }
        int rows = data.rows();
        int columns = bytePacked ? data.columns() * (8 / bits) : data.columns();
        boolean signed = tensor.type() == ElementType.INT4 || tensor.type() == ElementType.INT8;
        Codes codes = codes(node, 0, bits, signed, columns, 1, (long) rows * columns);
        int blocks = Math.ceilDiv(columns, block);
        WeightExpression scales = grid(node, 2, rows, blocks);
        WeightExpression zeroPoints =
                zeroPoints(node, 3, bits, rows, blocks, bytePacked ? 1 << (bits - 1) : 0, signed);
        return new AffineWeight(rows, columns, codes, 1, block, scales, zeroPoints);
    }

    /**
     * Reads the weight of a MatMulBnb4.
     *
     * @param node the operator
     * @return the matrix {@code [N, K]}
     * @throws IOException if it is malformed
     */
    public WeightExpression matMulBnb4(OnnxNode node) throws IOException {
        int rows = dimension(node, "N");
        int columns = dimension(node, "K");
        int block = bounded(node, "block_size", 64, 0, LONGEST);
        long elements = (long) rows * columns;
        if (block < 1) {
            throw malformed(node, "block_size " + block);
        }
        MemorySegment bytes = stored(node, 1).bytes();
        if (bytes.byteSize() != Math.ceilDiv(elements, 2L)) {
            throw malformed(node, bytes.byteSize() + " bytes for " + rows + " x " + columns);
        }
        float[] codebook =
                node.integer("quant_type", 1) == 0 ? Codebook4Weight.FP4 : Codebook4Weight.NF4;
        WeightExpression maxima = grid(node, 2, 1, Math.toIntExact(Math.ceilDiv(elements, block)));
        return new Codebook4Weight(rows, columns, bytes, block, maxima, codebook);
    }

    /**
     * Reads a DequantizeLinear of a constant: per tensor, per axis or in blocks.
     *
     * @param node the operator
     * @return the array in the shape of its input, or null if its input is no stored constant
     * @throws IOException if it is malformed
     */
    public WeightExpression dequantizeLinear(OnnxNode node) throws IOException {
        WeightExpression data = resolver.resolve(node.input(0));
        WeightExpression scale = resolver.resolve(node.input(1));
        if (data == null || scale == null) {
            return null;
        }
        return dequantize(
                node,
                data,
                scale,
                resolver.resolve(node.input(2)),
                bounded(node, "axis", 1, -Shapes.HIGHEST_RANK, Shapes.HIGHEST_RANK),
                bounded(node, "block_size", 0, 0, LONGEST));
    }

    /**
     * Applies scale and zero point to integers.
     *
     * @param node who does it, for messages
     * @param data the integers: a stored tensor, perhaps transposed or reshaped
     * @param scale the scales
     * @param zeroPoint the zero points, or null for none
     * @param axis the axis along which scales differ, if there are several
     * @param block elements of that axis that share a scale, 0 for one each
     * @return the array in the shape of {@code data}
     * @throws IOException if it is malformed
     */
    public WeightExpression dequantize(
            OnnxNode node,
            WeightExpression data,
            WeightExpression scale,
            WeightExpression zeroPoint,
            int axis,
            int block)
            throws IOException {
        long[] shape = data.shape();
        int along = axis < 0 ? axis + shape.length : axis;
        // a matrix in which the axis of the scales is whole: the first or the last dimension
        boolean first = along == 0 && shape.length > 1;
        int rows = first ? Math.toIntExact(shape[0]) : data.rows();
        int columns = Math.toIntExact(data.elements() / Math.max(rows, 1));
        Codes codes = codesOf(node, data, columns);
        int rowsPerGroup;
        int columnsPerGroup;
        if (scale.elements() == 1) {
            rowsPerGroup = Math.max(rows, 1);
            columnsPerGroup = Math.max(columns, 1);
        } else if (block > 0) {
            rowsPerGroup = first ? block : 1;
            columnsPerGroup = first ? 1 : block;
        } else if (first) {
            rowsPerGroup = 1;
            columnsPerGroup = Math.max(columns, 1);
        } else if (along == shape.length - 1) {
            rowsPerGroup = Math.max(rows, 1);
            columnsPerGroup = 1;
        } else {
            throw unsupported(node, "scales along axis " + axis + " of " + shape.length);
        }
        int high = Math.ceilDiv(rows, rowsPerGroup);
        int wide = Math.ceilDiv(columns, columnsPerGroup);
        WeightExpression scales = grid(node, scale, high, wide);
        WeightExpression zeroPoints =
                zeroPoint == null ? new Uniform(0, high, wide) : grid(node, zeroPoint, high, wide);
        WeightExpression matrix =
                new AffineWeight(
                        rows, columns, codes, rowsPerGroup, columnsPerGroup, scales, zeroPoints);
        return shape.length == 2 ? matrix : new Views.Reshaped(matrix, shape);
    }

    private Codes codesOf(OnnxNode node, WeightExpression data, int columns) throws IOException {
        if (data instanceof Views.Transposed transposed) {
            return codesOf(node, transposed.source(), transposed.source().columns()).transposed();
        }
        WeightExpression source = data;
        while (source instanceof Views.Reshaped reshaped) {
            source = reshaped.source();
        }
        if (source instanceof StoredWeight leaf && !leaf.tensor().type().isFloat()) {
            ElementType type = leaf.tensor().type();
            if (type.bits() <= 16 && type != ElementType.BOOL) {
                boolean signed =
                        type == ElementType.INT16
                                || type == ElementType.INT8
                                || type == ElementType.INT4;
                return new Codes(leaf.tensor().bytes(), type.bits(), signed, columns, 1);
            }
        }
        throw unsupported(node, "integers that are computed, or wider than 16 bits");
    }

    private Codes codes(
            OnnxNode node,
            int input,
            int bits,
            boolean signed,
            long rowStride,
            long columnStride,
            long elements)
            throws IOException {
        MemorySegment bytes = stored(node, input).bytes();
        long expected = Math.ceilDiv(elements * bits, 8L);
        if (bytes.byteSize() != expected) {
            throw malformed(node, bytes.byteSize() + " bytes of codes, expected " + expected);
        }
        return new Codes(bytes, bits, signed, rowStride, columnStride);
    }

    private WeightExpression zeroPoints(
            OnnxNode node, int input, int bits, int rows, int blocks, int otherwise, boolean signed)
            throws IOException {
        if (node.input(input).isEmpty()) {
            return new Uniform(otherwise, rows, blocks);
        }
        OnnxTensor tensor = stored(node, input);
        if (tensor.type() != ElementType.UINT8 || bits == 8) {
            return grid(node, input, rows, blocks);
        }
        // rows of packed zero points are padded to whole bytes
        int rowStride = Math.ceilDiv(blocks * bits, 8) * (8 / bits);
        Codes codes = codes(node, input, bits, signed, rowStride, 1, (long) rows * rowStride);
        return new PackedIntegers(codes, rows, blocks);
    }

    private WeightExpression grid(OnnxNode node, int input, int rows, int columns)
            throws IOException {
        return grid(node, required(node, input), rows, columns);
    }

    private WeightExpression grid(OnnxNode node, WeightExpression flat, int rows, int columns)
            throws ModelFormatException {
        if (flat.elements() != (long) rows * columns) {
            throw malformed(
                    node,
                    flat.elements() + " scales or zero points, expected " + rows + " x " + columns);
        }
        return new Views.Reshaped(flat, new long[] {rows, columns});
    }

    private void checkOrder(OnnxNode node, int columns, int block) throws IOException {
        if (node.input(4).isEmpty()) {
            return;
        }
        long[] order = stored(node, 4).integers();
        for (int i = 0; i < order.length; i++) {
            if (order.length != columns || order[i] != i / block) {
                throw unsupported(node, "g_idx: columns in another order; quantise without it");
            }
        }
    }

    private void checkPacking(OnnxNode node, int bits, int block) throws ModelFormatException {
        if (bits != 2 && bits != 4 && bits != 8) {
            throw unsupported(node, bits + " bits, expected 2, 4 or 8");
        }
        if (block < 16 || Integer.bitCount(block) != 1) {
            throw malformed(node, "block_size " + block + ", expected a power of two from 16");
        }
    }

    private int dimension(OnnxNode node, String attribute) throws ModelFormatException {
        return bounded(node, attribute, 0, 1, LONGEST);
    }

    private int bounded(OnnxNode node, String attribute, int otherwise, int least, int most)
            throws ModelFormatException {
        long value = node.integer(attribute, otherwise);
        if (value < least || value > most) {
            throw malformed(node, attribute + " = " + value);
        }
        return (int) value;
    }

    private OnnxTensor stored(OnnxNode node, int input) throws IOException {
        WeightExpression source = required(node, input);
        while (source instanceof Views.Reshaped reshaped) {
            source = reshaped.source();
        }
        if (source instanceof StoredWeight leaf) {
            return leaf.tensor();
        }
        throw unsupported(node, "input " + input + " is computed, not stored");
    }

    private WeightExpression required(OnnxNode node, int input) throws IOException {
        WeightExpression source = resolver.resolve(node.input(input));
        if (source == null) {
            throw unsupported(
                    node, "input " + input + " ('" + node.input(input) + "') is no constant");
        }
        return source;
    }

    private ModelFormatException malformed(OnnxNode node, String found) {
        return failure(Code.MALFORMED, node, found + "; the file is damaged");
    }

    private ModelFormatException unsupported(OnnxNode node, String found) {
        return failure(Code.UNSUPPORTED_ENCODING, node, found);
    }

    private ModelFormatException failure(Code code, OnnxNode node, String found) {
        return new ModelFormatException(
                code, resolver.index().file() + ": " + node.label() + ": " + found);
    }
}
