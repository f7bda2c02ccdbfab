package io.djlnpu.engine;

import io.djlnpu.bundle.ModelBundle;
import io.djlnpu.convert.ContentHash;
import io.djlnpu.decoder.DecoderModel;
import io.djlnpu.decoder.DecoderSession;
import io.djlnpu.generate.PromptCache;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where and how much of earlier prompts is kept.
 *
 * @param most memory of kept prompts at most, in bytes; 0 keeps none; empty for 256 MiB, or four
 *     times an empty session's if that is more
 * @param file keeps them over restarts: read when the first prompt in words comes, written when the
 *     model is closed; empty for memory alone
 */
record KeptPrompts(OptionalLong most, Optional<Path> file) {

    private static final Logger LOGGER = LoggerFactory.getLogger(KeptPrompts.class);

    private static final long USUAL = 256L << 20;

    /**
     * Makes sure that there will be a place for the file, before somebody's prompts are lost.
     *
     * @throws IOException if its folder cannot be made
     */
    void prepare() throws IOException {
        if (file.isPresent()) {
            Files.createDirectories(file.get().toAbsolutePath().getParent());
        }
    }

    PromptCache open(NpuRuntime runtime) throws IOException {
        PromptCache cache =
                new PromptCache(runtime.model(), most.orElseGet(() -> usual(runtime.model())));
        if (file.isPresent() && Files.exists(file.get())) {
            try {
                cache.load(file.get(), modelKey(runtime));
            } catch (IOException e) {
                // Prompts are only computed anew; the next close replaces the file if it is one of
                // ours.
                LOGGER.warn("Kept prompts are left aside: {}", e.getMessage());
            }
        }
        return cache;
    }

    /** A large model's sessions are large before they hold anything. */
    private static long usual(DecoderModel model) {
        try (DecoderSession empty = model.newSession()) {
            return Math.max(USUAL, 4 * empty.bytes());
        }
    }

    void close(PromptCache cache, NpuRuntime runtime) {
        try {
            // What an earlier run kept is worth more than nothing.
            if (file.isPresent() && (cache.sessions() > 0 || Files.notExists(file.get()))) {
                cache.save(file.get(), modelKey(runtime));
            }
        } catch (IOException e) {
            LOGGER.warn("Prompts are not kept: {}", e.getMessage());
        } finally {
            cache.close();
        }
    }

    /** What the bits of keys and values depend on. */
    private static String modelKey(NpuRuntime runtime) throws IOException {
        DecoderModel model = runtime.model();
        Path folder = runtime.bundle().folder();
        List<Path> files =
                Stream.of(
                                ModelBundle.CONFIG_FILE,
                                ModelBundle.WEIGHTS_FILE,
                                ModelBundle.VISION_FILE)
                        .map(folder::resolve)
                        .filter(Files::exists)
                        .toList();
        return ContentHash.of(model.options().numerics() + " " + model.provider(), files);
    }
}
