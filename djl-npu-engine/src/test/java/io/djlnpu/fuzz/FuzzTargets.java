package io.djlnpu.fuzz;

import io.djlnpu.format.ModelFormatException;
import io.djlnpu.generate.TokenizerFuzz;
import io.djlnpu.onnx.decoder.OnnxDecoder;
import io.djlnpu.safetensors.SafetensorsFile;
import io.djlnpu.translate.RequestFuzz;
import io.djlnpu.vision.ImageFormatException;
import io.djlnpu.vision.ImageLimits;
import io.djlnpu.vision.ImageLoader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What reads bytes from strangers, each as a function that ends quietly for whatever it is given:
 * sound, or refused with its own exception. Anything else that is thrown is a fault.
 */
final class FuzzTargets {

    /** One reader. */
    @FunctionalInterface
    interface Target {

        void read(byte[] input) throws Exception;
    }

    private static final ImageLoader PICTURES =
            new ImageLoader(new ImageLimits(1 << 20, 64 << 20), false, false);

    private FuzzTargets() {}

    /** All readers by name; files are written into the folder. */
    static Map<String, Target> all(Path folder) {
        Map<String, Target> targets = new LinkedHashMap<>();
        targets.put("safetensors", input -> safetensors(write(folder, "x.q4nx", input)));
        targets.put("onnx", input -> onnx(write(folder, "x.onnx", input)));
        targets.put("picture", FuzzTargets::picture);
        targets.put(
                "tokenizer", input -> TokenizerFuzz.read(write(folder, "tokenizer.json", input)));
        targets.put("expression", TokenizerFuzz::expression);
        targets.put("request", RequestFuzz::read);
        return targets;
    }

    private static Path write(Path folder, String name, byte[] input) throws IOException {
        return Files.write(folder.resolve(name), input);
    }

    private static void safetensors(Path path) throws IOException {
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            for (String name : file.tensors().keySet()) {
                var bytes = file.segment(name);
                if (bytes.byteSize() > 0) {
                    bytes.get(ValueLayout.JAVA_BYTE, bytes.byteSize() - 1);
                }
            }
        } catch (ModelFormatException e) {
            // refused
        }
    }

    private static void onnx(Path path) throws IOException {
        try (OnnxDecoder model = OnnxDecoder.open(path)) {
            model.names();
        } catch (ModelFormatException e) {
            // refused
        }
    }

    private static void picture(byte[] input) throws IOException {
        try {
            PICTURES.load(new ByteArrayInputStream(input), "picture");
        } catch (ImageFormatException e) {
            // refused
        }
    }
}
