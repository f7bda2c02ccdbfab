package io.djlnpu.samples.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.djlnpu.bundle.BundleOptions;
import io.djlnpu.bundle.BundleWriter;
import io.djlnpu.onnx.decoder.OnnxDecoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class TidyExitTest {

    @TempDir Path folder;

    @Test
    void anEndedConversionLeavesNothing() throws Exception {
        Path source = Path.of(getClass().getResource("/storyteller/model.onnx").toURI());
        CountDownLatch begun = new CountDownLatch(1);
        AtomicReference<TidyExit> exit = new AtomicReference<>();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        BundleOptions options =
                BundleOptions.defaults()
                        .withProgress(
                                (tensor, done, total) -> {
                                    begun.countDown();
                                    slowDown();
                                });
        Thread work =
                Thread.ofPlatform()
                        .start(
                                () -> {
                                    try (OnnxDecoder model = OnnxDecoder.open(source);
                                            TidyExit tidy = new TidyExit()) {
                                        exit.set(tidy);
                                        BundleWriter.write(model, folder.resolve("b"), options);
                                    } catch (IOException | RuntimeException e) {
                                        failure.set(e);
                                    }
                                });
        begun.await();
        exit.get().stop();
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).isEmpty();
        }
        work.join();
        assertThat(failure.get()).isInstanceOf(IOException.class);
    }

    /** Keeps the interrupt: it is the next write that hears it. */
    private static void slowDown() {
        try {
            Thread.sleep(20);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
