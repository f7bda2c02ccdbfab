package io.djlnpu.decoder;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.djlnpu.bundle.Family;
import io.djlnpu.bundle.LayerTensor;
import io.djlnpu.bundle.ModelBundle;
import io.djlnpu.format.ModelFormatException;
import io.djlnpu.kernel.Projection;
import io.djlnpu.kernel.ProjectionWeights;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * One decoder layer's weights.
 *
 * @param matrices where they lie in the bundle, or as floats for a layer that is not decoded with
 * @param norms widened to float32
 */
record LayerWeights(Map<LayerTensor, Projection> matrices, Map<LayerTensor, MemorySegment> norms) {

    static LayerWeights load(ModelBundle bundle, int layer, Arena arena)
            throws ModelFormatException {
        Family family = Family.named(bundle.config().family());
        Map<LayerTensor, Projection> matrices = new EnumMap<>(LayerTensor.class);
        Map<LayerTensor, MemorySegment> norms = new EnumMap<>(LayerTensor.class);
        for (LayerTensor tensor : LayerTensor.of(bundle.config().style())) {
            String name = tensor.name(family, layer);
            if (tensor.isMatrix()) {
                matrices.put(tensor, matrix(bundle, name));
            } else {
                norms.put(tensor, norm(bundle.vector(name), arena));
            }
        }
        return new LayerWeights(matrices, norms);
    }

    static ProjectionWeights matrix(ModelBundle bundle, String name) throws ModelFormatException {
        return new ProjectionWeights(bundle.matrix(name));
    }

    Projection[] projections(List<LayerTensor> roles) {
        return roles.stream().map(matrices::get).toArray(Projection[]::new);
    }

    /** The matrices of roles, which lie in a bundle. */
    ProjectionWeights[] quantized(List<LayerTensor> roles) {
        return roles.stream()
                .map(role -> (ProjectionWeights) matrices.get(role))
                .toArray(ProjectionWeights[]::new);
    }

    MemorySegment norm(LayerTensor role) {
        return norms.get(role);
    }

    static MemorySegment norm(float[] values, Arena arena) {
        MemorySegment segment = arena.allocate(4L * values.length, 64);
        MemorySegment.copy(values, 0, segment, JAVA_FLOAT, 0, values.length);
        return segment;
    }
}
