package io.djlnpu.samples.command;

import ai.djl.inference.Predictor;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.util.Utils;
import io.djlnpu.bundle.DecoderSpec;
import io.djlnpu.bundle.ModelBundle;
import io.djlnpu.convert.BundleCache;
import io.djlnpu.samples.predictor.PictureDescription;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The first thing to try: the model that ships with the project, through DJL. */
@Command(
        name = "demo",
        description =
                "Takes the ONNX model that ships with the project, converts it once, streams an"
                        + " answer through DJL's engine NPU, shows what it would cost on the NPU,"
                        + " and describes a picture.")
public final class DemoCommand extends NpuCommand {

    /** The shipped model ends its stories by itself before. */
    private static final int MOST_NEW_TOKENS = 256;

    @Option(
            names = {"-m", "--model"},
            paramLabel = "MODEL",
            description = "another model than the shipped one")
    private Path model;

    @Option(
            names = {"-p", "--prompt"},
            paramLabel = "T",
            description = "what to ask (default: ${DEFAULT-VALUE})")
    private String prompt = "Tell me a story.";

    /** Made by picocli. */
    public DemoCommand() {}

    /** The JSON result. */
    private record Result(
            String model,
            String prompt,
            String text,
            String description,
            double loadSeconds,
            double seconds) {}

    @Override
    int run(Console console) throws Exception {
        Path source = model != null ? model : ShippedModel.unpack(Utils.getEngineCacheDir("npu"));
        long start = System.nanoTime();
        DecoderSpec shape = convert(source, console);
        try (ZooModel<String, Iterator<?>> zoo = load(source);
                Predictor<String, Iterator<?>> predictor = zoo.newPredictor()) {
            double loaded = (System.nanoTime() - start) / 1e9;
            console.hint(source.getFileName() + " is ready on engine NPU after " + rounded(loaded));
            console.hint("> " + prompt);
            StringBuilder text = new StringBuilder();
            Iterator<?> pieces = predictor.streamingPredict(prompt).getIterativeOutput();
            int count = 0;
            for (; pieces.hasNext(); count++) {
                String piece = String.valueOf(pieces.next());
                text.append(piece);
                console.stream(piece);
            }
            console.stream("\n");
            double seconds = (System.nanoTime() - start) / 1e9;
            String here = count + " pieces in " + rounded(seconds - loaded) + " on this machine";
            console.hint(here + "; the answer alone on the " + cost(shape, count));
            String description = model == null ? describe(source, console) : null;
            console.result(
                    new Result(
                            source.toString(),
                            prompt,
                            text.toString(),
                            description,
                            loaded,
                            seconds),
                    out -> {});
        }
        return 0;
    }

    private static String describe(Path shipped, Console console) throws Exception {
        Path picture = shipped.resolve("shapes.png");
        console.hint("> what is on " + picture);
        String description = PictureDescription.describe(shipped, picture);
        console.stream(description + "\n");
        return description;
    }

    /** The engine would convert by itself; doing it first shows the progress. */
    private static DecoderSpec convert(Path source, Console console) throws IOException {
        try (Progress progress = console.progressOfBytes("converting");
                ModelBundle bundle =
                        BundleCache.standard()
                                .open(
                                        source,
                                        (tensor, done, total) -> progress.update(done, total))) {
            return bundle.config();
        }
    }

    private static String cost(DecoderSpec shape, int tokens) {
        return NpuCost.of(shape, 1, Math.max(1, tokens));
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private ZooModel<String, Iterator<?>> load(Path source) throws Exception {
        Criteria<String, Iterator> criteria =
                Criteria.builder()
                        .setTypes(String.class, Iterator.class)
                        .optModelPath(source)
                        .optEngine("NPU")
                        .optOption("threads", Integer.toString(common.threads))
                        .optArgument(
                                "translatorFactory", "io.djlnpu.translate.NpuTranslatorFactory")
                        .optArgument("prompt", "chat")
                        .optArgument("max_new_tokens", MOST_NEW_TOKENS)
                        .build();
        return (ZooModel) criteria.loadModel();
    }

    private static String rounded(double seconds) {
        return String.format(Locale.ROOT, "%.2f s", seconds);
    }
}
