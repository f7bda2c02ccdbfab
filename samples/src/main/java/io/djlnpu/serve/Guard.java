package io.djlnpu.serve;

import io.helidon.http.HeaderNames;
import io.helidon.http.Method;
import io.helidon.http.ServerRequestHeaders;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Lets in whom the options allow. A server that listens to this machine alone is asked by this
 * machine's names, so that no web page reaches it by a name of its own (DNS rebinding); pages of
 * other origins are refused unless one was named.
 */
final class Guard implements Filter {

    private static final Set<String> LOCAL = Set.of("localhost", "127.0.0.1", "[::1]");

    private final boolean local;
    private final List<byte[]> keys;
    private final String cors;

    Guard(ServerOptions options) throws UnknownHostException {
        local = InetAddress.getByName(options.host()).isLoopbackAddress();
        keys = options.apiKeys().stream().map(Guard::digest).toList();
        cors = options.cors();
    }

    @Override
    public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
        ServerRequestHeaders headers = request.headers();
        String host = headers.first(HeaderNames.HOST).orElse("").toLowerCase(Locale.ROOT);
        if (local && !LOCAL.contains(host.replaceFirst(":\\d*$", ""))) {
            throw new ApiException(
                    403, "host_not_allowed", "the host '" + host + "' is not this machine");
        }
        String origin = headers.first(HeaderNames.ORIGIN).orElse(null);
        if (origin != null) {
            checkOrigin(origin, host, response);
            if (request.prologue().method().equals(Method.OPTIONS)) {
                response.header(HeaderNames.ACCESS_CONTROL_ALLOW_METHODS, "GET, POST");
                response.header(
                        HeaderNames.ACCESS_CONTROL_ALLOW_HEADERS, "Authorization, Content-Type");
                response.status(204).send();
                return;
            }
        }
        if (!request.path().path().equals("/health")) {
            checkKey(headers.first(HeaderNames.AUTHORIZATION).orElse(""));
        }
        chain.proceed();
    }

    private void checkOrigin(String origin, String host, RoutingResponse response) {
        if (cors != null && (cors.equals("*") || cors.equals(origin))) {
            response.header(HeaderNames.ACCESS_CONTROL_ALLOW_ORIGIN, cors);
            response.header(HeaderNames.VARY, "Origin");
        } else if (!origin.toLowerCase(Locale.ROOT).equals("http://" + host)) {
            throw new ApiException(
                    403, "origin_not_allowed", "pages of '" + origin + "' may not ask; see --cors");
        }
    }

    /** Looks at every key to its end, whatever was sent. */
    private void checkKey(String authorization) {
        if (keys.isEmpty()) {
            return;
        }
        boolean bearer = authorization.regionMatches(true, 0, "Bearer ", 0, 7);
        byte[] sent = digest(bearer ? authorization.substring(7).strip() : "");
        boolean known = false;
        for (byte[] key : keys) {
            known |= MessageDigest.isEqual(key, sent);
        }
        if (!bearer || !known) {
            throw new ApiException(
                    401, "invalid_api_key", "no API key, or a wrong one: 'Authorization: Bearer'");
        }
    }

    private static byte[] digest(String key) {
        try {
            return MessageDigest.getInstance("SHA-256")
                    .digest(key.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
