package io.djlnpu.samples.command;

import io.djlnpu.bundle.Importance;
import io.djlnpu.decoder.DecoderOptions;
import io.djlnpu.decoder.Numerics;
import io.djlnpu.generate.Calibration;
import io.djlnpu.generate.TextWindow;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Measures on a text which columns of the weights matter, for {@code convert --importance}. */
@Command(
        name = "calibrate",
        description =
                "Measures on a text which columns of the weights matter, for convert --importance.")
public final class CalibrateCommand extends NpuCommand {

    @Parameters(
            index = "0",
            paramLabel = "MODEL",
            description = "bundle folder, ONNX model folder, or one .onnx file")
    private Path model;

    @Option(names = "--text", required = true, paramLabel = "FILE", description = "a text, UTF-8")
    private Path text;

    @Option(
            names = {"-o", "--out"},
            required = true,
            paramLabel = "F",
            description = "safetensors file to be: the mean square of every column's activation")
    private Path out;

    @Option(
            names = "--context",
            paramLabel = "N",
            description = "tokens of a window, its <bos> included (default: ${DEFAULT-VALUE})")
    private int context = 512;

    /** Made by picocli. */
    public CalibrateCommand() {}

    /** The JSON result. */
    private record Result(String out, int tokens, double seconds) {}

    @Override
    int run(Console console) throws IOException {
        if (context < 2) {
            throw misuse("expected --context of at least 2");
        }
        String words = TextFile.read(text);
        if (words.isBlank()) {
            throw new IllegalArgumentException(text + ": no text to measure on; it is empty");
        }
        OutputPath.checkFile(out);
        DecoderOptions options =
                DecoderOptions.defaults().withNumerics(Numerics.BF16).withThreads(common.threads);
        try (LoadedModel loaded =
                        LoadedModel.open(model, options, console, LoadedModel.Words.NEEDED);
                Progress progress = console.progress("reading")) {
            int most = loaded.model().maxContext();
            if (context > most && isGiven("--context")) {
                console.hint(
                        "--context %d is more than the model holds: %d".formatted(context, most));
            }
            int[] ids = loaded.tokenizer().encode(words, true);
            List<TextWindow> windows = TextWindow.cut(ids, Math.min(context, most));
            int tokens = windows.stream().mapToInt(window -> window.ids().length).sum();
            long start = System.nanoTime();
            Importance importance =
                    Calibration.measure(
                            loaded.model(), windows, done -> progress.update(done, tokens));
            importance.write(out);
            Result result = new Result(out.toString(), tokens, (System.nanoTime() - start) / 1e9);
            console.result(
                    result,
                    printer ->
                            printer.printf(
                                    Locale.ROOT,
                                    "%s: from %d tokens in %.1f s; use it with convert"
                                            + " --importance%n",
                                    result.out(),
                                    result.tokens(),
                                    result.seconds()));
            return 0;
        }
    }
}
