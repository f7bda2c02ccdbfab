package io.djlnpu.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An application on Java 17 that uses another engine, with ours on its class path. */
class OlderJavaIT {

    private static final String APPLICATION =
            """
            import ai.djl.engine.Engine;
            public class Application {
                public static void main(String[] arguments) {
                    System.out.println("java " + Runtime.version().feature());
                    System.out.println("engines " + Engine.getAllEngines());
                    System.out.println("default " + Engine.getDefaultEngineName());
                    System.out.println("other " + Engine.getEngine("OnnxRuntime").getEngineName());
                    try {
                        System.out.println("ours " + Engine.getEngine("NPU"));
                    } catch (RuntimeException e) {
                        System.out.println("refused " + e.getMessage());
                    }
                }
            }
            """;

    @TempDir Path folder;

    private static Optional<Path> java17() throws IOException {
        Path machines = Path.of("/usr/lib/jvm");
        if (!Files.isDirectory(machines)) {
            return Optional.empty();
        }
        try (Stream<Path> homes = Files.list(machines)) {
            return homes.filter(home -> home.getFileName().toString().contains("17"))
                    .map(home -> home.resolve("bin/java"))
                    .filter(Files::isExecutable)
                    .findFirst();
        }
    }

    @Test
    void otherEnginesLiveBesideOurs() throws Exception {
        Optional<Path> java = java17();
        assumeTrue(java.isPresent(), "skipped: no JDK 17 in /usr/lib/jvm");
        Path source = Files.writeString(folder.resolve("Application.java"), APPLICATION);
        Path current = Path.of(System.getProperty("java.home"), "bin");
        run(
                List.of(
                        current.resolve("javac").toString(),
                        "--release",
                        "17",
                        "-proc:none",
                        "-d",
                        folder.toString(),
                        source.toString()));
        String said = run(List.of(java.get().toString(), "-Dai.djl.offline=true", "Application"));
        assertThat(said)
                .contains("java 17", "NPU", "other OnnxRuntime")
                .contains("refused engine NPU needs Java 25, this is Java 17")
                .doesNotContain("UnsupportedClassVersionError");
    }

    private String run(List<String> command) throws Exception {
        Path log = folder.resolve("log.txt");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().put("OPT_OUT_TRACKING", "true");
        // Not as an argument: ONNX Runtime reads the command line, and overflows its stack on a
        // long one.
        builder.environment()
                .put(
                        "CLASSPATH",
                        folder + File.pathSeparator + System.getProperty("java.class.path"));
        Process process = builder.start();
        try {
            assertThat(process.waitFor(120, TimeUnit.SECONDS)).as("ends").isTrue();
        } finally {
            process.destroyForcibly();
        }
        String said = Files.readString(log, StandardCharsets.UTF_8);
        assertThat(process.exitValue()).as(said).isZero();
        return said;
    }
}
