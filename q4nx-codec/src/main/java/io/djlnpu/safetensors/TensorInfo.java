package io.djlnpu.safetensors;

import java.util.List;

/**
 * One tensor of a container.
 *
 * @param name its name
 * @param dataType element type
 * @param shape extents, outermost first; empty for a scalar
 * @param offset where its bytes start in the file
 * @param byteLength how many bytes it has
 */
public record TensorInfo(
        String name, DataType dataType, List<Long> shape, long offset, long byteLength) {

    /** Copies the shape. */
    public TensorInfo {
        shape = List.copyOf(shape);
    }
}
