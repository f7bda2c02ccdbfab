package io.djlnpu.attacks;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import io.djlnpu.bundle.BundleOptions;
import io.djlnpu.bundle.BundleWriter;
import io.djlnpu.bundle.Checksums;
import io.djlnpu.bundle.Family;
import io.djlnpu.bundle.ModelBundle;
import io.djlnpu.bundle.Verifier;
import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import io.djlnpu.safetensors.SafetensorsFile;
import io.djlnpu.testing.Fixtures;
import io.djlnpu.testing.TinyModel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.function.Consumer;

/** Bundles whose parts do not fit each other, and configurations that lie. */
final class BundleAttacks {

    private BundleAttacks() {}

    static List<Attack> list() {
        return List.of(
                file("no config.json", Code.MISSING_FILE, ModelBundle.CONFIG_FILE, null),
                file("an empty config.json", Code.MALFORMED, ModelBundle.CONFIG_FILE, ""),
                file("a config.json that is a list", Code.MALFORMED, ModelBundle.CONFIG_FILE, "[]"),
                file("a config.json cut short", Code.MALFORMED, ModelBundle.CONFIG_FILE, "{\"a\":"),
                file(
                        "a config.json 10,000 levels deep",
                        Code.MALFORMED,
                        ModelBundle.CONFIG_FILE,
                        "{\"a\":".repeat(10_000)),
                file(
                        "a config.json of 2 MiB",
                        Code.LIMIT_EXCEEDED,
                        ModelBundle.CONFIG_FILE,
                        " ".repeat(2 << 20)),
                config(
                        "model_type of another model",
                        Code.UNSUPPORTED_MODEL,
                        c -> c.addProperty("model_type", "gemma2")),
                config(
                        "model_type that is a list",
                        Code.MALFORMED,
                        c -> c.add("model_type", new JsonArray())),
                config(
                        "a logit softcap",
                        Code.UNSUPPORTED_MODEL,
                        c -> c.addProperty("final_logit_softcapping", 30)),
                config(
                        "a Llama that attends in both directions",
                        Code.UNSUPPORTED_MODEL,
                        c -> {
                            c.addProperty("model_type", "llama");
                            c.addProperty("use_bidirectional_attention", true);
                        }),
                config(
                        "YaRN scaling",
                        Code.UNSUPPORTED_MODEL,
                        c -> c.getAsJsonObject("rope_scaling").addProperty("rope_type", "yarn")),
                config("hidden_size 0", Code.MALFORMED, c -> c.addProperty("hidden_size", 0)),
                config("hidden_size -32", Code.MALFORMED, c -> c.addProperty("hidden_size", -32)),
                config("hidden_size 32.5", Code.MALFORMED, c -> c.addProperty("hidden_size", 32.5)),
                config(
                        "hidden_size 2^40",
                        Code.MALFORMED,
                        c -> c.addProperty("hidden_size", 1L << 40)),
                config(
                        "hidden_size of text",
                        Code.MALFORMED,
                        c -> c.addProperty("hidden_size", "wide")),
                config(
                        "hidden_size 1e999999999",
                        Code.MALFORMED,
                        c -> c.add("hidden_size", JsonParser.parseString("1e999999999"))),
                config(
                        "hidden_size other than the file's",
                        Code.SHAPE_MISMATCH,
                        c -> c.addProperty("hidden_size", 512)),
                config(
                        "vocab_size other than the file's",
                        Code.SHAPE_MISMATCH,
                        c -> c.addProperty("vocab_size", 96)),
                config(
                        "vocab_size of 16 million",
                        Code.SHAPE_MISMATCH,
                        c -> c.addProperty("vocab_size", 1 << 24)),
                config(
                        "a billion layers",
                        Code.MALFORMED,
                        c -> c.addProperty("num_hidden_layers", 1_000_000_000)),
                config(
                        "more layers than the file has",
                        Code.MISSING_TENSOR,
                        BundleAttacks::thousandLayers),
                config(
                        "heads that the key heads do not divide",
                        Code.MALFORMED,
                        c -> c.addProperty("num_key_value_heads", 3)),
                config(
                        "head_dim other than the file's",
                        Code.SHAPE_MISMATCH,
                        c -> c.addProperty("head_dim", 64)),
                config(
                        "layer_types for other layers",
                        Code.MALFORMED,
                        c -> c.getAsJsonArray("layer_types").remove(0)),
                config(
                        "a layer type of no kind",
                        Code.MALFORMED,
                        c -> c.getAsJsonArray("layer_types").set(0, new JsonPrimitive("mamba"))),
                config(
                        "layer_types that is text",
                        Code.MALFORMED,
                        c -> c.addProperty("layer_types", "full_attention")),
                config("rms_norm_eps 0", Code.MALFORMED, c -> c.addProperty("rms_norm_eps", 0)),
                config(
                        "rms_norm_eps that underflows",
                        Code.MALFORMED,
                        c -> c.addProperty("rms_norm_eps", 1e-300)),
                config("rope_theta -1", Code.MALFORMED, c -> c.addProperty("rope_theta", -1)),
                config(
                        "rope_theta that is NaN",
                        Code.MALFORMED,
                        c -> c.addProperty("rope_theta", "NaN")),
                config("an end token -1", Code.MALFORMED, c -> c.addProperty("eos_token_id", -1)),
                config("an end token 1.5", Code.MALFORMED, c -> c.addProperty("eos_token_id", 1.5)),
                config(
                        "no end token at all",
                        Code.MALFORMED,
                        c -> c.add("eos_token_id", new JsonArray())),
                config(
                        "a tower with more layers than its file",
                        Code.MISSING_TENSOR,
                        c ->
                                c.getAsJsonObject("vision_config")
                                        .addProperty("num_hidden_layers", 9)),
                config(
                        "a tower wider than its file",
                        Code.SHAPE_MISMATCH,
                        c -> c.getAsJsonObject("vision_config").addProperty("hidden_size", 64)),
                config(
                        "patches larger than the image",
                        Code.MALFORMED,
                        c -> c.getAsJsonObject("vision_config").addProperty("patch_size", 100)),
                config(
                        "a tower whose heads do not divide its width",
                        Code.MALFORMED,
                        c ->
                                c.getAsJsonObject("vision_config")
                                        .addProperty("num_attention_heads", 3)),
                config(
                        "more tokens an image than patches",
                        Code.MALFORMED,
                        c -> c.addProperty("mm_tokens_per_image", 9)),
                file("no model.q4nx", Code.MISSING_FILE, ModelBundle.WEIGHTS_FILE, null),
                truncated("model.q4nx one byte short", 1),
                truncated("model.q4nx one block short", 5120),
                swapped("the vision file in place of the text file"),
                file("checksums without 'sha256'", Code.MALFORMED, Checksums.FILE, "{}"),
                file(
                        "checksums of another shape",
                        Code.MALFORMED,
                        Checksums.FILE,
                        "{\"sha256\":{\"config.json\":[]}}"),
                file(
                        "checksums of a file in the parent folder",
                        Code.PATH_ESCAPE,
                        Checksums.FILE,
                        "{\"sha256\":{\"../secret\":\"00\"}}"),
                file(
                        "checksums of an absolute path",
                        Code.PATH_ESCAPE,
                        Checksums.FILE,
                        "{\"sha256\":{\"/etc/passwd\":\"00\"}}"),
                file(
                        "checksums of a path with backslashes",
                        Code.PATH_ESCAPE,
                        Checksums.FILE,
                        "{\"sha256\":{\"..\\\\x\":\"00\"}}"),
                file(
                        "checksums of a name with a NUL",
                        Code.PATH_ESCAPE,
                        Checksums.FILE,
                        "{\"sha256\":{\"a\\u0000b\":\"00\"}}"),
                file(
                        "checksums of a file that is not there",
                        Code.MISSING_FILE,
                        Checksums.FILE,
                        "{\"sha256\":{\"gone\":\"00\"}}"),
                flipped("a flipped bit in the weights", Code.CHECKSUM, true, 0, (byte) 1),
                flipped(
                        "an infinite scale",
                        Code.NOT_FINITE,
                        false,
                        0,
                        new byte[] {(byte) 0x80, 0x7f}),
                flipped("a NaN min", Code.NOT_FINITE, false, 512, new byte[] {(byte) 0xff, 0x7f}),
                flipped("a code in the padding", Code.MALFORMED, false, 5119, (byte) 0x11),
                flipped(
                        "a scale in the padding",
                        Code.MALFORMED,
                        false,
                        2 * 255,
                        new byte[] {0, 0x3f}));
    }

    private static void thousandLayers(JsonObject config) {
        config.addProperty("num_hidden_layers", 1000);
        config.remove("layer_types");
    }

    /** Replaces one file of a sound bundle, or removes it. */
    private static Attack file(String what, Code code, String name, String text) {
        return attack(
                what,
                code,
                bundle -> {
                    Files.delete(bundle.resolve(name));
                    if (text != null) {
                        Files.writeString(bundle.resolve(name), text);
                    }
                    if (!name.equals(Checksums.FILE)) {
                        ModelBundle.open(bundle).close();
                    }
                });
    }

    /** Changes the configuration of a sound bundle. */
    private static Attack config(String what, Code code, Consumer<JsonObject> change) {
        return attack(
                "a configuration with " + what,
                code,
                bundle -> {
                    Path file = bundle.resolve(ModelBundle.CONFIG_FILE);
                    JsonObject json = Fixtures.json(file);
                    change.accept(json);
                    Files.writeString(file, json.toString());
                    Family.read(file);
                    ModelBundle.open(bundle).close();
                });
    }

    private static Attack truncated(String what, int bytes) {
        return attack(
                what,
                Code.TRUNCATED,
                bundle -> {
                    Path file = bundle.resolve(ModelBundle.WEIGHTS_FILE);
                    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                        channel.truncate(channel.size() - bytes);
                    }
                    ModelBundle.open(bundle).close();
                });
    }

    private static Attack swapped(String what) {
        return attack(
                what,
                Code.MISSING_TENSOR,
                bundle -> {
                    Files.delete(bundle.resolve(ModelBundle.WEIGHTS_FILE));
                    Files.copy(
                            bundle.resolve(ModelBundle.VISION_FILE),
                            bundle.resolve(ModelBundle.WEIGHTS_FILE));
                    ModelBundle.open(bundle).close();
                });
    }

    /** Overwrites bytes in the head's first block. */
    private static Attack flipped(
            String what, Code code, boolean keepChecksums, int at, byte... bytes) {
        return attack(
                what,
                code,
                bundle -> {
                    Path file = bundle.resolve(ModelBundle.WEIGHTS_FILE);
                    long start;
                    try (SafetensorsFile container = SafetensorsFile.open(file)) {
                        start = container.tensor("lm_head.weight").offset();
                    }
                    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                        channel.write(ByteBuffer.wrap(bytes), start + at);
                    }
                    if (!keepChecksums) {
                        Files.delete(bundle.resolve(Checksums.FILE));
                    }
                });
    }

    /** Writes a sound bundle, spoils it, and lets the verifier look if opening did not refuse. */
    private static Attack attack(String what, Code code, Attack.Action spoil) {
        return new Attack(
                what,
                code,
                folder -> {
                    Path bundle = write(folder);
                    spoil.run(bundle);
                    for (Verifier.Problem problem : Verifier.verify(bundle)) {
                        if (!problem.message().contains("tokenizer")) {
                            throw new ModelFormatException(problem.code(), problem.message());
                        }
                    }
                });
    }

    private static Path write(Path folder) throws IOException {
        Path bundle = folder.resolve("bundle");
        BundleWriter.write(new TinyModel(), bundle, BundleOptions.defaults());
        return bundle;
    }
}
