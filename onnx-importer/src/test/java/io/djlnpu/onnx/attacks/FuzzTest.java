package io.djlnpu.onnx.attacks;

import static io.djlnpu.onnx.testing.Onnx.*;

import io.djlnpu.format.ModelFormatException;
import io.djlnpu.onnx.testing.EditableModel;
import io.djlnpu.onnx.testing.Fixtures;
import io.djlnpu.onnx.testing.ProtoMessage;
import io.djlnpu.onnx.testing.TinyDecoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Sound decoders with mutations: what opens must be readable to its last weight, everything else
 * must be refused by the one typed exception.
 *
 * <p>Runs for some seconds; {@code FUZZ_SECONDS} in the environment says for how many. A failure
 * names the seed of its mutation.
 */
class FuzzTest {

    private static final int SECONDS =
            Integer.parseInt(System.getenv().getOrDefault("FUZZ_SECONDS", "3"));

    /** Numbers at which arithmetic breaks. */
    private static final long[] EDGES = {
        0,
        1,
        -1,
        2,
        3,
        7,
        31,
        32,
        33,
        64,
        1 << 16,
        Integer.MAX_VALUE,
        1L << 31,
        1L << 32,
        (1L << 32) + 32,
        1L << 40,
        Long.MAX_VALUE,
        Long.MIN_VALUE
    };

    @TempDir Path folder;

    @Test
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void mutatedBytesAreReadOrRefused() throws IOException {
        // with the values in other files, what is left is nearly all structure
        Path sound = folder.resolve("model.onnx");
        TinyDecoder.build().writeSplit(sound, 3);
        byte[] bytes = Files.readAllBytes(sound);
        forSomeSeconds(random -> mutated(bytes, random));
    }

    @Test
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void mutatedGraphsAreReadOrRefused() throws IOException {
        byte[] bytes = TinyDecoder.build().bytes();
        forSomeSeconds(random -> mutatedGraph(bytes, random));
    }

    @Test
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void mutatedExportsAreReadOrRefused() throws IOException {
        List<byte[]> exports = new ArrayList<>();
        for (String path :
                List.of(
                        "build-gemma/onnx/model_q4.onnx",
                        "community-q4/onnx/model_q4.onnx",
                        "transformersjs/onnx/model_int8.onnx",
                        "transformersjs/onnx/model_bnb4.onnx",
                        "genai-int4/model.onnx",
                        "dynamo/model.onnx")) {
            exports.add(EditableModel.read(Fixtures.fixture("micro/onnx/" + path)).bytes());
        }
        forSomeSeconds(random -> mutatedGraph(exports.get(random.nextInt(exports.size())), random));
    }

    private interface Mutation {
        byte[] apply(Random random);
    }

    private void forSomeSeconds(Mutation mutation) throws IOException {
        LongSupplier seeds = new Random()::nextLong;
        long end = System.nanoTime() + SECONDS * 1_000_000_000L;
        Path file = folder.resolve("model.onnx");
        while (System.nanoTime() < end) {
            long seed = seeds.getAsLong();
            Files.write(file, mutation.apply(new Random(seed)));
            try {
                Reading.graph(file);
            } catch (ModelFormatException e) {
                // refused: as a model it must be refused, too, or read
            } catch (RuntimeException | Error e) {
                throw new AssertionError("seed " + seed, e);
            }
            try {
                Reading.model(file);
            } catch (ModelFormatException e) {
                // refused
            } catch (RuntimeException | Error e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
    }

    private static byte[] mutated(byte[] sound, Random random) {
        byte[] bytes = sound.clone();
        for (int i = random.nextInt(4); i >= 0; i--) {
            int at = random.nextInt(bytes.length);
            switch (random.nextInt(4)) {
                case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> bytes[at] = (byte) random.nextInt(256);
                case 2 -> {
                    int length = Math.min(random.nextInt(40), bytes.length - at);
                    int from = random.nextInt(bytes.length - length);
                    System.arraycopy(
                            sound, Math.min(from, sound.length - length), bytes, at, length);
                }
                default -> {
                    int length = Math.min(random.nextInt(20), bytes.length - at - 1);
                    byte[] shorter = new byte[bytes.length - length];
                    System.arraycopy(bytes, 0, shorter, 0, at);
                    System.arraycopy(bytes, at + length, shorter, at, shorter.length - at);
                    bytes = shorter;
                }
            }
        }
        return bytes;
    }

    /** Sound protobuf that says something else. */
    private static byte[] mutatedGraph(byte[] sound, Random random) {
        EditableModel model = EditableModel.of(ProtoMessage.parse(sound));
        List<ProtoMessage> nodes = new ArrayList<>(model.nodes());
        List<ProtoMessage> tensors = new ArrayList<>(model.graph().messages(GRAPH_INITIALIZER));
        for (int i = random.nextInt(3); i >= 0; i--) {
            int which = random.nextInt(nodes.size());
            ProtoMessage node = nodes.get(which);
            ProtoMessage other = nodes.get(random.nextInt(nodes.size()));
            ProtoMessage tensor = tensors.get(random.nextInt(tensors.size()));
            switch (random.nextInt(7)) {
                case 0 -> node.replaceTexts(NODE_INPUT, other.texts(NODE_INPUT));
                case 1 -> replaceInput(node, other.text(NODE_OUTPUT), random);
                case 2 -> replaceInput(node, tensor.text(TENSOR_NAME), random);
                case 3 -> node.replaceTexts(NODE_OPERATOR, List.of(other.text(NODE_OPERATOR)));
                case 4 -> replaceAttribute(node, random);
                case 5 -> nodes.remove(which);
                default -> replaceDimension(tensor, random);
            }
        }
        model.graph().replace(GRAPH_NODE, nodes).replace(GRAPH_INITIALIZER, tensors);
        return model.bytes();
    }

    private static void replaceInput(ProtoMessage node, String value, Random random) {
        List<String> inputs = new ArrayList<>(node.texts(NODE_INPUT));
        if (!inputs.isEmpty()) {
            inputs.set(random.nextInt(inputs.size()), value);
            node.replaceTexts(NODE_INPUT, inputs);
        }
    }

    private static void replaceAttribute(ProtoMessage node, Random random) {
        List<ProtoMessage> attributes = new ArrayList<>(node.messages(NODE_ATTRIBUTE));
        if (!attributes.isEmpty()) {
            int which = random.nextInt(attributes.size());
            attributes
                    .get(which)
                    .remove(ATTRIBUTE_INTEGER)
                    .add(ATTRIBUTE_INTEGER, EDGES[random.nextInt(EDGES.length)]);
            node.replace(NODE_ATTRIBUTE, attributes);
        }
    }

    private static void replaceDimension(ProtoMessage tensor, Random random) {
        if (random.nextBoolean()) {
            tensor.remove(TENSOR_DIMS);
        }
        tensor.add(TENSOR_DIMS, EDGES[random.nextInt(EDGES.length)]);
    }
}
