package io.djlnpu.samples.command;

import io.djlnpu.decoder.TextEmbedder;
import io.djlnpu.generate.EmbeddingTokenizer;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Turns texts into vectors, and says how alike they are. */
@Command(
        name = "embed",
        description =
                "Turns texts into vectors with an embedding model; of several texts, shows how"
                        + " alike they are.")
public final class EmbedCommand extends NpuCommand {

    private static final int SHOWN = 6;
    private static final int LABEL = 24;

    @Mixin private ModelOptions model;

    @ArgGroup(multiplicity = "1")
    private Source source;

    private static final class Source {

        @Option(
                names = {"-t", "--text"},
                arity = "1..*",
                paramLabel = "T",
                description = "the text, or several")
        private List<String> texts;

        @Option(
                names = "--file",
                paramLabel = "F",
                description = "file with a text in each line, UTF-8; empty lines are left out")
        private Path file;

        List<String> read() throws IOException {
            List<String> read =
                    texts == null
                            ? TextFile.read(file).lines().filter(line -> !line.isBlank()).toList()
                            : texts;
            if (read.isEmpty()) {
                throw new IllegalArgumentException(file + ": no text to embed; it is empty");
            }
            return read;
        }
    }

    @Option(
            names = "--prompt-kind",
            paramLabel = "K",
            description =
                    "puts the model's own prompt before each text: query, document, or another kind"
                            + " that the model knows (default: none)")
    private String promptKind = "";

    @Option(
            names = "--dimensions",
            paramLabel = "N",
            description = "numbers of a vector, the first N of it, of length 1 (default: all)")
    private Integer dimensions;

    @Option(
            names = "--truncate",
            description = "cuts texts that are longer than the context, instead of refusing them")
    private boolean truncate;

    /** Made by picocli. */
    public EmbedCommand() {}

    /** The JSON result. */
    private record Result(
            String promptKind, int dimensions, List<Embedding> embeddings, double[][] similarity) {}

    private record Embedding(String text, int tokens, float[] embedding) {}

    @Override
    int run(Console console) throws IOException {
        List<String> texts = source.read();
        try (LoadedModel loaded =
                LoadedModel.open(model, common, console, LoadedModel.Words.NEEDED)) {
            try (TextEmbedder embedder = loaded.model().newEmbedder()) {
                int width = dimensions == null ? embedder.width() : dimensions;
                if (width < 1 || width > embedder.width()) {
                    throw misuse(
                            "--dimensions %d, expected 1 to %d, the numbers of this model's vectors"
                                    .formatted(width, embedder.width()));
                }
                Result result = embed(loaded, embedder, texts, width);
                console.result(result, out -> print(result, out));
                return 0;
            }
        }
    }

    private Result embed(LoadedModel loaded, TextEmbedder embedder, List<String> texts, int width)
            throws IOException {
        EmbeddingTokenizer tokenizer =
                new EmbeddingTokenizer(
                        loaded.model().config(), loaded.model().maxContext(), loaded.tokenizer());
        List<int[]> ids = new ArrayList<>();
        for (String text : texts) {
            ids.add(usable(() -> tokenizer.encode(text, promptKind, truncate)));
        }
        List<float[]> vectors = embedder.embed(ids);
        List<Embedding> embeddings = new ArrayList<>();
        for (int i = 0; i < texts.size(); i++) {
            float[] vector = vectors.get(i);
            embeddings.add(
                    new Embedding(
                            texts.get(i),
                            ids.get(i).length,
                            width == vector.length
                                    ? vector
                                    : TextEmbedder.shortened(vector, width)));
        }
        return new Result(promptKind, width, embeddings, similarity(embeddings));
    }

    /** Cosines; the vectors have length 1. */
    private static double[][] similarity(List<Embedding> embeddings) {
        double[][] cosines = new double[embeddings.size()][embeddings.size()];
        for (int i = 0; i < cosines.length; i++) {
            for (int j = 0; j < cosines.length; j++) {
                float[] a = embeddings.get(i).embedding();
                float[] b = embeddings.get(j).embedding();
                for (int k = 0; k < a.length; k++) {
                    cosines[i][j] += (double) a[k] * b[k];
                }
            }
        }
        return cosines;
    }

    private static void print(Result result, PrintWriter out) {
        for (int i = 0; i < result.embeddings().size(); i++) {
            Embedding one = result.embeddings().get(i);
            out.printf(
                    Locale.ROOT, "%3d  %s  %d tokens  [", i + 1, label(one.text()), one.tokens());
            for (int k = 0; k < Math.min(SHOWN, one.embedding().length); k++) {
                out.printf(Locale.ROOT, "%s%.4f", k == 0 ? "" : ", ", one.embedding()[k]);
            }
            out.printf("%s]%n", one.embedding().length > SHOWN ? ", ..." : "");
        }
        if (result.embeddings().size() > 1) {
            out.printf("%nsimilarity (cosine, %d numbers)%n", result.dimensions());
            out.print("   ");
            for (int i = 0; i < result.similarity().length; i++) {
                out.printf(" %6d", i + 1);
            }
            out.println();
            for (int i = 0; i < result.similarity().length; i++) {
                out.printf("%3d", i + 1);
                for (double cosine : result.similarity()[i]) {
                    out.printf(Locale.ROOT, " %6.3f", cosine);
                }
                out.println();
            }
        }
    }

    private static String label(String text) {
        String line = text.replaceAll("\\s+", " ");
        String shown =
                line.codePointCount(0, line.length()) <= LABEL
                        ? line
                        : line.substring(0, line.offsetByCodePoints(0, LABEL - 3)) + "...";
        return shown + " ".repeat(Math.max(0, LABEL - shown.length()));
    }
}
