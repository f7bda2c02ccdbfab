package io.djlnpu.samples.command;

import ai.onnxruntime.OrtException;
import io.djlnpu.gemma3.Gemma3Options;
import io.djlnpu.gemma3.Gemma3Session;
import io.djlnpu.gemma3.Numerics;
import io.djlnpu.onnx.gemma3.Gemma3OnnxModel;
import io.djlnpu.onnx.gemma3.ImportReport;
import io.djlnpu.samples.peer.OnnxRuntimeDecoder;
import java.io.IOException;
import java.nio.file.Path;
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
     * @return the distance, or nothing where ONNX Runtime cannot run the source
     */
    static Optional<LogitDistance> predictions(
            Path bundle, Gemma3OnnxModel source, int threads, Console console) throws IOException {
        source.report().warnings().forEach(warning -> console.hint("note: " + warning));
        Path decoderFile = decoder(source);
        try (LoadedModel loaded =
                        LoadedModel.open(
                                bundle,
                                Gemma3Options.defaults()
                                        .withNumerics(Numerics.FLOAT32)
                                        .withThreads(threads),
                                console);
                OnnxRuntimeDecoder decoder =
                        new OnnxRuntimeDecoder(
                                decoderFile,
                                source.config().kvHeads(),
                                source.config().headDim(),
                                threads);
                Gemma3Session session = loaded.model().newSession()) {
            LogitDistance distance = new LogitDistance();
            for (int id : loaded.tokenizer().encode(TEXT, true)) {
                OnnxRuntimeDecoder.Logits expected = decoder.forward(id);
                distance.add(expected.row(0), session.decode(id));
            }
            return Optional.of(distance);
        } catch (OrtException | IllegalArgumentException e) {
            console.hint("no predictions compared: " + e.getMessage());
            return Optional.empty();
        }
    }

    private static Path decoder(Gemma3OnnxModel source) {
        return source.report().files().stream()
                .filter(file -> file.part().equals("decoder"))
                .findFirst()
                .map(ImportReport.ChosenFile::path)
                .orElseThrow(() -> new IllegalArgumentException("the source has no decoder"));
    }
}
