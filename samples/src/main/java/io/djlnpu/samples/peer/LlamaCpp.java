package io.djlnpu.samples.peer;

import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * llama.cpp beside the others: its own {@code llama-bench} where it is installed and a GGUF file is
 * at hand, else figures that were measured elsewhere and are printed as such.
 */
final class LlamaCpp {

    /**
     * One row of llama-bench, two threads.
     *
     * @param model what ran
     * @param prefill tokens a second of a prompt of 512
     * @param decode tokens a second of 64 tokens
     */
    private record Row(String model, double prefill, double decode) {}

    /** AMD EPYC Zen 5, 2 virtual cores with AVX-512, llama.cpp of 2026-08, Release build. */
    private static final List<Row> ELSEWHERE =
            List.of(
                    new Row("270M Q4_0, embedding too", 1136, 162.6),
                    new Row("270M Q4_0, embedding Q8_0", 1164, 103.3),
                    new Row("270M Q4_1, as many bits as Q4NX", 389, 80.2),
                    new Row("1B Q4_0, embedding too", 265, 55.6),
                    new Row("1B Q4_0, embedding Q8_0", 251, 37.8),
                    new Row("1B Q4_1, as many bits as Q4NX", 63.7, 28.8));

    private LlamaCpp() {}

    /** Prints what there is; the GGUF file may be null. */
    static void print(Path gguf, int prompt, int tokens, int threads, PrintStream out)
            throws IOException, InterruptedException {
        Optional<Path> bench = find();
        if (gguf != null && bench.isPresent()) {
            out.println("llama.cpp here, by " + bench.get());
            run(bench.get(), gguf, prompt, tokens, threads);
            return;
        }
        out.println(
                "llama.cpp on another machine (EPYC Zen 5, 2 virtual cores; for one of here: llama-bench"
                        + " on the path and --gguf FILE)");
        for (Row row : ELSEWHERE) {
            out.printf(
                    Locale.ROOT,
                    "%-34s prefill %.0f tok/s   decode %.1f tok/s%n",
                    row.model(),
                    row.prefill(),
                    row.decode());
        }
    }

    private static Optional<Path> find() {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .filter(folder -> !folder.isEmpty())
                .map(folder -> Path.of(folder, "llama-bench"))
                .filter(Files::isExecutable)
                .findFirst();
    }

    private static void run(Path bench, Path gguf, int prompt, int tokens, int threads)
            throws IOException, InterruptedException {
        int code =
                new ProcessBuilder(
                                bench.toString(),
                                "-m",
                                gguf.toString(),
                                "-p",
                                Integer.toString(prompt),
                                "-n",
                                Integer.toString(tokens),
                                "-t",
                                Integer.toString(threads))
                        .inheritIO()
                        .start()
                        .waitFor();
        if (code != 0) {
            throw new IOException(bench + " ended with " + code);
        }
    }
}
