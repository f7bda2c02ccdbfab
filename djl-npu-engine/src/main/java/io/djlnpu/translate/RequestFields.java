package io.djlnpu.translate;

import com.google.gson.JsonObject;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The fields that a request may have, so that a misspelt one is told of and not ignored. */
final class RequestFields {

    /** Say how to generate; by {@link GenerationParameters#name}. */
    private static final Set<String> PARAMETERS =
            Set.of(
                    "max_new_tokens",
                    "temperature",
                    "do_sample",
                    "top_k",
                    "top_p",
                    "min_p",
                    "typical_p",
                    "repetition_penalty",
                    "frequency_penalty",
                    "presence_penalty",
                    "logit_bias",
                    "seed",
                    "stop_sequences",
                    "ignore_eos",
                    "details",
                    "logprobs",
                    "top_logprobs",
                    "response_format",
                    "n",
                    "return_full_text",
                    "npu_cost",
                    "strict",
                    "stream");

    /** Of the forms that answers keep to, of templates, and of what becomes of words. */
    private static final Set<String> FORMS =
            Set.of(
                    "guided_json",
                    "guided_regex",
                    "guided_choice",
                    "guided_grammar",
                    "structured_outputs",
                    "format",
                    "whitespace",
                    "chat_template_kwargs",
                    "documents",
                    "add_generation_prompt",
                    "continue_final_message",
                    "skip_special_tokens",
                    "echo");

    /** Stand beside the parameters only. */
    private static final Set<String> TOP =
            Set.of(
                    "inputs",
                    "prompt",
                    "text",
                    "messages",
                    "image",
                    "image_url",
                    "tools",
                    "tool_choice",
                    "parameters",
                    "extra_body",
                    // what clients send to whoever keeps accounts, and this engine has no use for
                    "model",
                    "user",
                    "store",
                    "metadata",
                    "service_tier",
                    "stream_options",
                    "parallel_tool_calls",
                    "safety_identifier",
                    "prompt_cache_key");

    /** Other names of parameters, for those who came near one. */
    private static final Set<String> OTHER_NAMES =
            Set.of("max_tokens", "max_completion_tokens", "stop", "num_return_sequences");

    /** Edits between a misspelt name and what was meant. */
    private static final int NEAR = 2;

    private RequestFields() {}

    /** Adds what is unknown, or said twice under two names, to the faults. */
    static void check(JsonObject source, boolean top, List<String> faults) {
        Set<String> seen = new TreeSet<>();
        for (String written : source.keySet()) {
            String name = GenerationParameters.name(written);
            boolean known = PARAMETERS.contains(name) || FORMS.contains(name);
            if (!known && !(top && TOP.contains(name))) {
                faults.add(unknown(written, name));
            } else if (!seen.add(name)) {
                faults.add("'%s' was said already under another name".formatted(written));
            }
        }
    }

    private static String unknown(String written, String name) {
        String shown = written.length() > 60 ? written.substring(0, 60) + "..." : written;
        return Stream.of(PARAMETERS, FORMS, TOP, OTHER_NAMES)
                .flatMap(Set::stream)
                .filter(known -> Math.abs(known.length() - name.length()) <= NEAR)
                .filter(known -> distance(known, name) <= NEAR)
                .sorted()
                .findFirst()
                .map(
                        meant ->
                                "'%s' is not known and has no effect; '%s' is"
                                        .formatted(shown, meant))
                .orElse("'%s' is not known and has no effect".formatted(shown));
    }

    /** Levenshtein's. */
    private static int distance(String one, String other) {
        int[] row = new int[other.length() + 1];
        for (int j = 0; j <= other.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= one.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= other.length(); j++) {
                int change = diagonal + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(change, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[other.length()];
    }
}
