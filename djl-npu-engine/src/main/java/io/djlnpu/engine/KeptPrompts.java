package io.djlnpu.engine;

import io.djlnpu.bundle.ModelBundle;
import io.djlnpu.convert.ContentHash;
import io.djlnpu.gemma3.Gemma3Model;
import io.djlnpu.generate.PromptCache;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where and how much of earlier prompts is kept.
 *
 * @param bytes memory of kept prompts at most; 0 keeps none
 * @param file keeps them over restarts: read when the first prompt in words comes, written when the
 *     model is closed; empty for memory alone
 */
record KeptPrompts(long bytes, Optional<Path> file) {

    private static final Logger LOGGER = LoggerFactory.getLogger(KeptPrompts.class);

    static final KeptPrompts DEFAULT = new KeptPrompts(256L << 20, Optional.empty());

    PromptCache open(NpuRuntime runtime) throws IOException {
        PromptCache cache = new PromptCache(runtime.model(), bytes);
        if (file.isPresent() && Files.exists(file.get())) {
            try {
                cache.load(file.get(), modelKey(runtime));
            } catch (IOException e) {
                // Prompts are only computed anew; the next close replaces the file.
                LOGGER.warn("Kept prompts are left aside: {}", e.getMessage());
            }
        }
        return cache;
    }

    void close(PromptCache cache, NpuRuntime runtime) {
        try {
            if (file.isPresent()) {
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
        Gemma3Model model = runtime.model();
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
