package io.djlnpu.attacks;

import io.djlnpu.bundle.Importance;
import io.djlnpu.bundle.TensorLayout;
import io.djlnpu.format.ModelFormatException.Code;
import io.djlnpu.safetensors.DataType;
import io.djlnpu.safetensors.SafetensorsWriter;
import io.djlnpu.safetensors.SafetensorsWriter.Declaration;
import io.djlnpu.testing.TinyModel;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** Importance files that belong to another model, or hold what no measurement gives. */
final class ImportanceAttacks {

    private ImportanceAttacks() {}

    static List<Attack> list() {
        return List.of(
                value("a mean square of NaN", Code.NOT_FINITE, Float.NaN),
                value("an infinite mean square", Code.NOT_FINITE, Float.POSITIVE_INFINITY),
                value("a negative mean square", Code.MALFORMED, -1e-30f),
                tensors("no importance of one matrix", Code.MISSING_TENSOR, List::removeLast),
                tensors(
                        "importance of a matrix that the model lacks",
                        Code.CONFLICT,
                        list -> list.add(new Declaration("model.layers.9.x", DataType.F32, 1))),
                tensors(
                        "importance of a norm",
                        Code.CONFLICT,
                        list -> list.add(new Declaration("model.norm.weight", DataType.F32, 32))),
                tensors(
                        "importance of one column too few",
                        Code.SHAPE_MISMATCH,
                        list -> replace(list, DataType.F32, 31)),
                tensors(
                        "importance of every weight",
                        Code.SHAPE_MISMATCH,
                        list -> replace(list, DataType.F32, 64, 32)),
                tensors(
                        "importance in half the bytes",
                        Code.SHAPE_MISMATCH,
                        list -> replace(list, DataType.F16, 32)),
                new Attack(
                        "an importance file that is text",
                        Code.LIMIT_EXCEEDED,
                        folder -> read(Files.writeString(folder.resolve("i"), "importance"))),
                new Attack(
                        "no importance file",
                        Code.MISSING_FILE,
                        folder -> read(folder.resolve("none"))));
    }

    private static void replace(List<Declaration> list, DataType type, long... shape) {
        list.set(0, new Declaration(list.getFirst().name(), type, shape));
    }

    private static Attack value(String what, Code code, float value) {
        return new Attack(
                what,
                code,
                folder -> {
                    Importance importance = new Importance();
                    for (Declaration matrix : sound()) {
                        float[] values = new float[(int) matrix.shape()[0]];
                        Arrays.fill(values, 1);
                        values[values.length - 1] = value;
                        importance.put(matrix.name(), values);
                    }
                    Path file = folder.resolve("importance.safetensors");
                    importance.write(file);
                    read(file);
                });
    }

    private static Attack tensors(String what, Code code, Consumer<List<Declaration>> spoil) {
        return new Attack(
                what,
                code,
                folder -> {
                    List<Declaration> declarations = sound();
                    spoil.accept(declarations);
                    Path file = folder.resolve("importance.safetensors");
                    try (SafetensorsWriter writer = new SafetensorsWriter(file, declarations)) {
                        for (Declaration tensor : declarations) {
                            writer.write(ByteBuffer.allocate((int) tensor.byteLength()));
                        }
                        writer.commit();
                    }
                    read(file);
                });
    }

    private static List<Declaration> sound() {
        return TensorLayout.text(new TinyModel().config()).stream()
                .filter(TensorLayout::quantized)
                .map(layout -> new Declaration(layout.name(), DataType.F32, layout.columns()))
                .collect(Collectors.toCollection(ArrayList::new));
    }

    private static void read(Path file) throws Exception {
        Importance.read(file, new TinyModel().config());
    }
}
