package io.djlnpu.samples.command;

import ai.onnxruntime.OrtException;
import io.djlnpu.decoder.DecoderModel;
import io.djlnpu.decoder.DecoderOptions;
import io.djlnpu.decoder.DecoderSession;
import io.djlnpu.decoder.Numerics;
import io.djlnpu.generate.TextWindow;
import io.djlnpu.generate.Tokenizer;
import io.djlnpu.onnx.decoder.OnnxDecoder;
import io.djlnpu.onnx.report.ImportReport;
import io.djlnpu.samples.peer.OnnxRuntimeDecoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The predictions of a bundle beside those of its source in ONNX Runtime, on a built-in text. */
final class SourceComparison {

    private static final String TEXT =
            "Once upon a time there was a little girl who lived near the river. One day she found a"
                    + " small boat and asked her friend to help. They worked together until the sun"
                    + " went down, and then they went home.";

    private SourceComparison() {}

    /**
     * Compares position by position, in float32.
     *
     * @param text what both read, in windows that begin with {@code <bos>}; null for the built-in
     *     one
     * @param context tokens of a window
     * @param notes told why nothing can be compared, or what the distance owes to the source
     * @return the distance, or nothing where ONNX Runtime cannot run the source
     */
    static Optional<LogitDistance> predictions(
            Path bundle,
            OnnxDecoder source,
            String text,
            int context,
            int threads,
            Console console,
            List<String> notes)
            throws IOException {
        if (!Files.exists(bundle.resolve(Tokenizer.FILE))) {
            notes.add("no predictions compared: a text needs " + Tokenizer.FILE);
            return Optional.empty();
        }
        Path decoderFile = decoder(source);
        try (LoadedModel loaded =
                        LoadedModel.open(
                                bundle,
                                DecoderOptions.defaults()
                                        .withNumerics(Numerics.FLOAT32)
                                        .withThreads(threads),
                                console);
                OnnxRuntimeDecoder decoder =
                        new OnnxRuntimeDecoder(
                                decoderFile,
                                source.config().kvHeads(),
                                source.config().headDim(),
                                threads);
                Progress progress = console.progress("comparing predictions")) {
            LogitDistance distance = new LogitDistance();
            int[] ids = loaded.tokenizer().encode(text == null ? TEXT : text, true);
            List<TextWindow> windows =
                    TextWindow.cut(ids, Math.min(context, loaded.model().maxContext()));
            int done = 0;
            for (TextWindow window : windows) {
                decoder.reset();
                compare(window.ids(), decoder, loaded.model(), distance);
                done += window.scored();
                progress.update(done, ids.length - 1);
            }
            if (source.report().warnings().stream().anyMatch(SourceComparison::wasCorrected)) {
                notes.add(
                        "ONNX Runtime runs the graph with the fault named above, which the bundle"
                                + " does not have: the predictions differ by it, which is not the"
                                + " conversion's error");
            }
            return Optional.of(distance);
        } catch (OrtException | IllegalArgumentException e) {
            notes.add("no predictions compared: " + e.getMessage());
            return Optional.empty();
        }
    }

    private static void compare(
            int[] ids, OnnxRuntimeDecoder decoder, DecoderModel model, LogitDistance distance)
            throws OrtException {
        OnnxRuntimeDecoder.Logits expected = decoder.forward(ids);
        if (expected.positions() != ids.length) {
            throw new IllegalArgumentException(
                    "the source's graph gives the last position's logits only");
        }
        try (DecoderSession session = model.newSession()) {
            session.prefillAll(
                    ids,
                    (position, logits) -> {
                        if (position + 1 < ids.length) {
                            distance.add(expected.row(position), logits, ids[position + 1]);
                        }
                    });
        }
    }

    /** The importer's words for rotary angles that it took from the model, not from the graph. */
    private static boolean wasCorrected(String warning) {
        return warning.startsWith("RoPE: the graph divides");
    }

    private static Path decoder(OnnxDecoder source) {
        return source.report().files().stream()
                .filter(file -> file.part().equals("decoder"))
                .findFirst()
                .map(ImportReport.ChosenFile::path)
                .orElseThrow(() -> new IllegalArgumentException("the source has no decoder"));
    }
}
