package io.djlnpu.attacks;

import io.djlnpu.bundle.BundleOptions;
import io.djlnpu.bundle.BundleWriter;
import io.djlnpu.bundle.DecoderSpec;
import io.djlnpu.bundle.DecoderWeights;
import io.djlnpu.bundle.WeightMatrix;
import io.djlnpu.format.ModelFormatException.Code;
import io.djlnpu.testing.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Sources of weights that a bundle must not be written from, and targets that must stay. */
final class SourceAttacks {

    private static final String DOWN = "model.layers.1.mlp.down_proj.weight";
    private static final String TABLE = "model.embed_tokens.weight";

    private SourceAttacks() {}

    static List<Attack> list() {
        return List.of(
                value("a NaN in a projection", DOWN, Float.NaN),
                value("an infinity in a projection", DOWN, Float.NEGATIVE_INFINITY),
                value("a projection whose range overflows", DOWN, Float.MAX_VALUE),
                value("a NaN in the table", TABLE, Float.NaN),
                value("a table that overflows when scaled", TABLE, 3e38f),
                value(
                        "a NaN in a matrix of the tower",
                        "vision_tower.vision_model.encoder.layers.0.mlp.fc1.weight",
                        Float.NaN),
                source(
                        "a norm of NaN",
                        Code.NOT_FINITE,
                        new Spoiled(DOWN, 0, 0, Float.NaN, Optional.empty())),
                source(
                        "a norm of another length",
                        Code.SHAPE_MISMATCH,
                        new Spoiled(DOWN, 0, 1, 0, Optional.empty())),
                source(
                        "a projection with another number of rows",
                        Code.SHAPE_MISMATCH,
                        new Spoiled(DOWN, 32, 0, 0, Optional.empty())),
                source(
                        "a matrix of the tower with other rows",
                        Code.SHAPE_MISMATCH,
                        new Spoiled(
                                "vision_tower.vision_model.encoder.layers.0.mlp.fc1.weight",
                                32,
                                0,
                                0,
                                Optional.empty())),
                source(
                        "a 4-bit source with an infinite scale",
                        Code.NOT_FINITE,
                        new Spoiled(
                                DOWN,
                                0,
                                0,
                                0,
                                Optional.of((f, r, c, s, m) -> s[0] = Float.POSITIVE_INFINITY))),
                source(
                        "a 4-bit source with codes beyond 15",
                        Code.MALFORMED,
                        new Spoiled(DOWN, 0, 0, 0, Optional.of((f, r, c, s, m) -> c[7] = 16))),
                source(
                        "an MLP whose width is no multiple of 32",
                        Code.UNSUPPORTED_ENCODING,
                        new TinyModel(64, 40)),
                new Attack("a target that exists", Code.TARGET_EXISTS, SourceAttacks::existing),
                new Attack(
                        "a target that is a file",
                        Code.TARGET_EXISTS,
                        folder ->
                                write(Files.createFile(folder.resolve("bundle")), new TinyModel())),
                new Attack(
                        "a target that is a link to a folder",
                        Code.TARGET_EXISTS,
                        SourceAttacks::linked));
    }

    private static Attack value(String what, String name, float value) {
        return source(what, Code.NOT_FINITE, new Spoiled(name, 0, 0, value, Optional.empty()));
    }

    private static Attack source(String what, Code code, DecoderWeights weights) {
        return new Attack(
                what,
                code,
                folder -> {
                    try {
                        write(folder.resolve("bundle"), weights);
                    } finally {
                        try (var list = Files.list(folder)) {
                            if (list.findAny().isPresent()) {
                                throw new AssertionError("something was left behind");
                            }
                        }
                    }
                });
    }

    private static void existing(Path folder) throws IOException {
        write(Files.createDirectory(folder.resolve("bundle")), new TinyModel());
    }

    private static void linked(Path folder) throws IOException {
        Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
        Path link = Files.createSymbolicLink(folder.resolve("bundle"), elsewhere);
        write(link, new TinyModel());
    }

    private static void write(Path target, DecoderWeights weights) throws IOException {
        BundleWriter.write(weights, target, BundleOptions.defaults());
    }

    /**
     * The tiny model with one spoiled matrix, or, where {@code norm} is not 0 or the value is meant
     * for norms, one spoiled norm.
     */
    private record Spoiled(
            String name,
            int extraRows,
            int extraNorm,
            float value,
            Optional<WeightMatrix.Affine> affine)
            implements DecoderWeights {

        private static final TinyModel MODEL = new TinyModel();

        @Override
        public DecoderSpec config() {
            return MODEL.config();
        }

        @Override
        public Set<String> names() {
            return MODEL.names();
        }

        @Override
        public float[] vector(String vector) {
            float[] values = MODEL.vector(vector);
            boolean spoil = vector.equals("model.norm.weight") && extraRows == 0;
            if (spoil && name.equals(DOWN) && Float.isNaN(value)) {
                values[3] = value;
            }
            return spoil ? java.util.Arrays.copyOf(values, values.length + extraNorm) : values;
        }

        @Override
        public WeightMatrix matrix(String matrix) {
            WeightMatrix sound = MODEL.matrix(matrix);
            if (!matrix.equals(name)) {
                return sound;
            }
            return new WeightMatrix() {
                @Override
                public int rows() {
                    return sound.rows() + extraRows;
                }

                @Override
                public int columns() {
                    return sound.columns();
                }

                @Override
                public void readRows(int firstRow, int rowCount, float[] destination)
                        throws IOException {
                    sound.readRows(firstRow, rowCount, destination);
                    if (value != 0) {
                        destination[5] = value;
                        destination[6] = Float.isFinite(value) ? -value : destination[6];
                    }
                }

                @Override
                public Optional<Affine> affine() {
                    return affine;
                }
            };
        }
    }
}
