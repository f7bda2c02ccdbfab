package io.djlnpu.serve;

import ai.djl.inference.Predictor;
import ai.djl.inference.streaming.IteratorBytesSupplier;
import ai.djl.modality.Input;
import ai.djl.modality.Output;
import ai.djl.translate.TranslateException;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An answer that one of the computing threads writes and a connection's thread reads. A client that
 * reads slowly holds back its connection only: pieces wait here, and an answer has an end.
 */
final class Answering implements Runnable, AutoCloseable {

    private static final Logger LOGGER = LoggerFactory.getLogger(Answering.class);

    /** What the queue holds: a piece, or how it ended. */
    private record Event(JsonElement piece, ApiException failure) {}

    private static final Event END = new Event(null, null);

    private final Supplier<Predictor<Input, Output>> predictors;
    private final CancellableInput input = new CancellableInput();
    private final boolean stream;
    private final ServerMetrics metrics;
    private long before = System.nanoTime();
    private boolean begun;
    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();

    /** DJL's own mark is not meant for two threads. */
    private static final class CancellableInput extends Input {

        private volatile boolean gone;

        @Override
        public boolean isCancelled() {
            return gone;
        }
    }

    /**
     * @param predictors makes the predictor that is asked
     * @param request OpenAI's or DJL Serving's form
     * @param metrics told when the pieces of a stream come
     */
    Answering(
            Supplier<Predictor<Input, Output>> predictors,
            JsonObject request,
            ServerMetrics metrics) {
        this.predictors = predictors;
        this.metrics = metrics;
        stream = Requests.isTrue(request, "stream");
        input.addProperty("Content-Type", "application/json");
        input.add(request.toString());
    }

    /**
     * Waits for the next piece; an answer that does not stream is one.
     *
     * @return the piece, or null after the last
     * @throws ApiException if the request is refused, or fails
     */
    JsonElement next() {
        try {
            Event event = events.take();
            if (event.failure != null) {
                throw event.failure;
            }
            return event.piece;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ApiException(503, "shutting_down", "the server is shutting down");
        }
    }

    /** Ends the answer with its next token, if it has not ended. */
    @Override
    public void close() {
        input.gone = true;
    }

    @Override
    public void run() {
        if (input.gone) {
            events.add(END);
            return;
        }
        try (Predictor<Input, Output> predictor = predictors.get()) {
            if (stream) {
                pull(predictor);
            } else {
                Output output = checked(predictor.predict(input));
                add(output.getData().getAsString());
            }
            events.add(END);
        } catch (Throwable e) { // whoever waits must hear of it
            events.add(new Event(null, failure(e)));
        }
    }

    private void pull(Predictor<Input, Output> predictor) throws TranslateException {
        Output output = checked(predictor.streamingPredict(input).getIterativeOutput());
        if (!(output.getData() instanceof IteratorBytesSupplier chunks)) {
            add(output.getData().getAsString());
            return;
        }
        // asked once more when cancelled: that is what closes the answer
        while (chunks.hasNext()) {
            String frames = new String(chunks.next(), StandardCharsets.UTF_8);
            frames.lines()
                    .map(line -> line.startsWith("data: ") ? line.substring(6) : line)
                    .filter(line -> !line.isBlank() && !line.equals("[DONE]"))
                    .forEach(this::add);
            time();
        }
    }

    private void time() {
        long now = System.nanoTime();
        (begun ? metrics.nextPiece() : metrics.firstPiece())
                .record(now - before, TimeUnit.NANOSECONDS);
        begun = true;
        before = now;
    }

    private void add(String json) {
        events.add(new Event(JsonParser.parseString(json), null));
    }

    private static Output checked(Output output) {
        if (output.getCode() >= 400) {
            throw new ApiException(output.getCode(), null, output.getMessage());
        }
        return output;
    }

    private static ApiException failure(Throwable thrown) {
        for (Throwable e = thrown; e != null; e = e.getCause()) {
            if (e instanceof ApiException told) {
                return told;
            }
            if (e instanceof IllegalArgumentException) {
                return ApiException.badRequest(e.getMessage());
            }
        }
        LOGGER.error("a request failed", thrown);
        return new ApiException(500, null, "the model failed; the server's log says why");
    }
}
