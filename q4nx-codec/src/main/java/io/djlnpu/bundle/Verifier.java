package io.djlnpu.bundle;

import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import io.djlnpu.numeric.Bfloat16;
import io.djlnpu.q4nx.Q4nxInspection;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Looks through a whole bundle: files, structure, checksums, every scale and min, every bf16.
 *
 * <p>Recognises two faults of FastFlowLM's converter: matrices that were 8-bit and lost their upper
 * halves, and matrices with signed codes.
 */
public final class Verifier {

    private final Path folder;
    private final List<Problem> problems = new ArrayList<>();

    private Verifier(Path folder) {
        this.folder = folder;
    }

    /**
     * Something wrong with a bundle.
     *
     * @param code the stable reason
     * @param message what failed, where, what was found, what was expected, what to do
     * @param warning whether the bundle is sound nevertheless, and only lacks something
     */
    public record Problem(Code code, String message, boolean warning) {

        Problem(Code code, String message) {
            this(code, message, false);
        }
    }

    /**
     * Verifies a bundle; reads all of it.
     *
     * @param folder the bundle folder
     * @return the problems; none for a sound bundle
     * @throws IOException if a file that is there cannot be read
     */
    public static List<Problem> verify(Path folder) throws IOException {
        Verifier verifier = new Verifier(folder);
        verifier.run();
        return List.copyOf(verifier.problems);
    }

    private void run() throws IOException {
        try {
            problems.addAll(Checksums.verify(folder));
            for (String file : List.of("tokenizer.json", "tokenizer_config.json")) {
                if (!Files.isRegularFile(folder.resolve(file))) {
                    problems.add(
                            new Problem(
                                    Code.MISSING_FILE,
                                    folder
                                            + ": no "
                                            + file
                                            + "; the model runs on token ids only, add the model's own",
                                    true));
                }
            }
            try (ModelBundle bundle = ModelBundle.open(folder)) {
                weights(bundle);
            }
        } catch (ModelFormatException e) {
            problems.add(new Problem(e.code(), e.getMessage()));
        }
    }

    private void weights(ModelBundle bundle) throws ModelFormatException {
        Set<String> unknown = new TreeSet<>(bundle.names());
        for (TensorLayout layout : TensorLayout.text(bundle.config())) {
            unknown.remove(layout.name());
            if (layout.quantized()) {
                quantized(layout.name(), Q4nxInspection.of(bundle.matrix(layout.name())));
            } else {
                finite(layout.name(), bundle.bfloat16(layout.name()));
            }
        }
        if (bundle.hasVision()) {
            for (VisionLayout layout : VisionLayout.list(bundle.config())) {
                unknown.remove(layout.name());
                finite(layout.name(), bundle.bfloat16(layout.name()));
                if (layout.tiled()) {
                    padding(layout.name(), bundle.visionMatrix(layout.name()).dirtyPadding());
                }
            }
        } else if (bundle.config().vision().isPresent()) {
            add(
                    Code.MISSING_FILE,
                    ModelBundle.CONFIG_FILE
                            + " describes a vision tower, but there is no "
                            + ModelBundle.VISION_FILE
                            + "; convert the model again, with its vision part");
        }
        unknown.remove("rope_freqs.weight");
        if (!unknown.isEmpty()) {
            add(Code.CONFLICT, "tensors that the configuration does not know: " + unknown);
        }
    }

    private void quantized(String name, Q4nxInspection found) {
        if (found.notFinite() > 0) {
            add(
                    Code.NOT_FINITE,
                    "'%s': scale or min of %d of %d groups is not finite; the converter overflowed, convert it again"
                            .formatted(name, found.notFinite(), found.groups()));
        }
        if (found.looksLikeLostQ8()) {
            add(
                    Code.CONFLICT,
                    "'%s': scale equals min in every group: an 8-bit matrix that lost its upper halves (a fault of FastFlowLM's converter with Q8_0 sources); convert the model again"
                            .formatted(name));
        }
        if (found.looksLikeSignedCodes()) {
            add(
                    Code.CONFLICT,
                    "'%s': no group has a min: signed codes (FastFlowLM's converter with Q4_0 sources), which read wrong as unsigned ones; convert the model again"
                            .formatted(name));
        }
        if (found.dirtyPadding() > 0) {
            add(
                    Code.MALFORMED,
                    "'%s': %d groups of padding are not zero"
                            .formatted(name, found.dirtyPadding()));
        }
    }

    private void padding(String name, long dirty) {
        if (dirty > 0) {
            add(
                    Code.MALFORMED,
                    "'%s': %d values of padding are not zero; convert the model again"
                            .formatted(name, dirty));
        }
    }

    private void finite(String name, MemorySegment bits) {
        for (long offset = 0; offset < bits.byteSize(); offset += Short.BYTES) {
            float value = Bfloat16.toFloat(bits.get(Bfloat16.LAYOUT, offset));
            if (!Float.isFinite(value)) {
                add(
                        Code.NOT_FINITE,
                        "'%s': value %d is %s; convert the model again"
                                .formatted(name, offset / Short.BYTES, value));
                return;
            }
        }
    }

    private void add(Code code, String message) {
        problems.add(new Problem(code, folder + ": " + message));
    }
}
