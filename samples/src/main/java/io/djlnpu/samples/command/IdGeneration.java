package io.djlnpu.samples.command;

import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import io.djlnpu.decoder.DecoderModel;
import io.djlnpu.decoder.DecoderSession;
import io.djlnpu.generate.GenerationConfig;
import io.djlnpu.generate.Sampler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntConsumer;

/**
 * An answer of token ids to a prompt of token ids, for a model without a tokenizer.
 *
 * @param ids the answer, the token that ended it included
 * @param stopped whether such a token ended it
 * @param prefillSeconds what the prompt took
 * @param decodeSeconds what the tokens took
 * @param timeToFirstTokenSeconds from the start to the first token
 */
record IdGeneration(
        int[] ids,
        boolean stopped,
        double prefillSeconds,
        double decodeSeconds,
        double timeToFirstTokenSeconds) {

    private static final List<String> FILES = List.of("generation_config.json", "config.json");

    /**
     * Answers.
     *
     * @param model the model
     * @param folder its folder, whose files say which tokens end an answer
     * @param prompt the prompt
     * @param config how to answer
     * @param heard told each token as it comes
     * @return the answer
     * @throws IOException if a file of the folder cannot be read
     * @throws IllegalArgumentException if the prompt does not fit the model, or texts should stop
     *     the answer
     */
    static IdGeneration run(
            DecoderModel model,
            Path folder,
            int[] prompt,
            GenerationConfig config,
            IntConsumer heard)
            throws IOException {
        if (!config.stop().isEmpty()) {
            throw new IllegalArgumentException(
                    "--stop needs the model's tokenizer.json, which is not there; leave it out");
        }
        if (prompt.length > model.maxContext()) {
            throw new IllegalArgumentException(
                    "prompt of %d tokens, the context holds %d; shorten it"
                            .formatted(prompt.length, model.maxContext()));
        }
        Set<Integer> ends = endOfSequence(folder);
        int limit = Math.min(config.maxNewTokens(), model.maxContext() - prompt.length + 1);
        int[] ids = new int[limit];
        int count = 0;
        boolean stopped = false;
        long start = System.nanoTime();
        long first = start;
        long prefilled;
        try (DecoderSession session = model.newSession()) {
            Sampler sampler =
                    Sampler.of(config, prompt, model.config().vocabSize(), 0, Optional.empty());
            float[] logits = session.prefill(prompt);
            prefilled = System.nanoTime();
            while (count < limit && !stopped) {
                logits = count == 0 ? logits : session.decode(ids[count - 1]);
                ids[count] = sampler.next(logits);
                stopped = ends.contains(ids[count]);
                heard.accept(ids[count++]);
                first = count == 1 ? System.nanoTime() : first;
            }
        }
        return new IdGeneration(
                Arrays.copyOf(ids, count),
                stopped,
                (prefilled - start) / 1e9,
                (System.nanoTime() - prefilled) / 1e9,
                (first - start) / 1e9);
    }

    private static Set<Integer> endOfSequence(Path folder) throws IOException {
        Set<Integer> ends = new HashSet<>();
        for (String name : FILES) {
            Path file = folder.resolve(name);
            if (!Files.isRegularFile(file)) {
                continue;
            }
            try {
                add(JsonParser.parseString(Files.readString(file)), ends);
            } catch (RuntimeException e) {
                throw new IOException(file + ": eos_token_id is no token id or list of them", e);
            }
        }
        return ends;
    }

    private static void add(JsonElement declaring, Set<Integer> ends) {
        JsonElement declared = declaring.getAsJsonObject().get("eos_token_id");
        if (declared == null || declared.isJsonNull()) {
            return;
        }
        if (declared.isJsonArray()) {
            declared.getAsJsonArray().forEach(id -> ends.add(id.getAsInt()));
        } else {
            ends.add(declared.getAsInt());
        }
    }
}
