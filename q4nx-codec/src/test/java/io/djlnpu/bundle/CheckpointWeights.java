package io.djlnpu.bundle;

import io.djlnpu.safetensors.SafetensorsFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A Hugging Face checkpoint in float32 as a source of weights: the obvious counterpart of the
 * importer.
 */
final class CheckpointWeights implements DecoderWeights, AutoCloseable {

    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** What a checkpoint that sees puts before the names of its text model. */
    private static final String PREFIX = "language_model.model.";

    private final SafetensorsFile file;
    private final DecoderSpec config;

    CheckpointWeights(Path folder) throws IOException {
        file = SafetensorsFile.open(folder.resolve("model.safetensors"));
        config = Family.read(folder.resolve("config.json"));
    }

    @Override
    public DecoderSpec config() {
        return config;
    }

    @Override
    public Set<String> names() {
        return file.tensors().keySet().stream()
                .map(name -> name.replace(PREFIX, "model."))
                .collect(Collectors.toSet());
    }

    @Override
    public WeightMatrix matrix(String name) throws IOException {
        String stored = stored(name);
        MemorySegment data = file.segment(stored);
        int rows = file.tensor(stored).shape().get(0).intValue();
        int columns = file.tensor(stored).shape().get(1).intValue();
        return new WeightMatrix() {
            @Override
            public int rows() {
                return rows;
            }

            @Override
            public int columns() {
                return columns;
            }

            @Override
            public void readRows(int firstRow, int rowCount, float[] destination) {
                MemorySegment.copy(
                        data, FLOAT, 4L * firstRow * columns, destination, 0, rowCount * columns);
            }
        };
    }

    @Override
    public float[] vector(String name) throws IOException {
        float[] values = file.segment(stored(name)).toArray(FLOAT);
        boolean rmsNorm = name.contains("norm") && !name.startsWith("vision_tower.");
        for (int i = 0; i < values.length && rmsNorm; i++) {
            values[i] += 1;
        }
        return values;
    }

    private String stored(String name) {
        String prefixed = name.replaceFirst("^model\\.", PREFIX);
        return file.tensors().containsKey(prefixed) ? prefixed : name;
    }

    @Override
    public void close() {
        file.close();
    }
}
