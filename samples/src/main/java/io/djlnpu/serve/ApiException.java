package io.djlnpu.serve;

import com.google.gson.JsonObject;

/** A request that is refused, with what the client is told. */
final class ApiException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final int status;
    private final String code;

    /**
     * @param status HTTP's
     * @param code a word for programs, or null
     * @param message a sentence for people
     */
    ApiException(int status, String code, String message) {
        super(message, null, false, false);
        this.status = status;
        this.code = code;
    }

    static ApiException badRequest(String message) {
        return new ApiException(400, null, message);
    }

    int status() {
        return status;
    }

    /** OpenAI's form. */
    JsonObject json() {
        JsonObject error = new JsonObject();
        error.addProperty("message", getMessage());
        error.addProperty("type", type());
        error.addProperty("param", (String) null);
        error.addProperty("code", code);
        JsonObject json = new JsonObject();
        json.add("error", error);
        return json;
    }

    private String type() {
        return switch (status) {
            case 401 -> "authentication_error";
            case 429 -> "rate_limit_error";
            case 503 -> "unavailable_error";
            default -> status >= 500 ? "server_error" : "invalid_request_error";
        };
    }
}
