package io.djlnpu.serve;

import java.time.Duration;
import java.util.List;

/**
 * How to serve.
 *
 * @param host address to listen at
 * @param port port to listen at; 0 takes a free one
 * @param apiKeys keys of which a client must send one; none asks for none
 * @param parallel answers that are computed at once
 * @param queue requests that may wait for one of these
 * @param cors origin of web pages that may ask, {@code *} for all, or null for none
 * @param maxBody most bytes of a request's body
 * @param idle how long a connection may say nothing, or half of a request
 */
public record ServerOptions(
        String host,
        int port,
        List<String> apiKeys,
        int parallel,
        int queue,
        String cors,
        int maxBody,
        Duration idle) {

    /** Serves this machine alone, without a key. */
    public static final ServerOptions DEFAULTS =
            new ServerOptions(
                    "127.0.0.1", 11435, List.of(), 8, 64, null, 16 << 20, Duration.ofSeconds(60));

    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if one is out of its range
     */
    public ServerOptions {
        check("port", port, 0, 65535);
        check("parallel", parallel, 1, 256);
        check("queue", queue, 0, 65536);
        check("maxBody", maxBody, 1, Integer.MAX_VALUE - 8);
        apiKeys = List.copyOf(apiKeys);
    }

    private static void check(String name, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(
                    "%s %d, expected %d to %d".formatted(name, value, least, most));
        }
    }
}
