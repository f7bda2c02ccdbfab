package io.djlnpu.samples.peer;

import ai.onnxruntime.OrtException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Calls ONNX Runtime where it has room: starting up and loading a graph, it descends nearly 12,000
 * frames. That is about what a Java thread's stack of 1 MB holds, and to outgrow it ends the JVM
 * without a word.
 */
final class LargeStack {

    private static final long BYTES = 64L << 20;

    private LargeStack() {}

    static <T> T call(Callable<T> work) throws OrtException {
        FutureTask<T> task = new FutureTask<>(work);
        new Thread(null, task, "onnxruntime-start", BYTES).start();
        try {
            return task.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof OrtException refused) {
                throw refused;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new OrtException("interrupted while ONNX Runtime started");
        }
    }
}
