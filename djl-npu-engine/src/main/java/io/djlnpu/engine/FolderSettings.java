package io.djlnpu.engine;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a model's own folder says in {@code serving.properties}, told apart from what the caller
 * says. DJL merges both before an engine sees them, but whoever made the model is a stranger: it
 * may say how answers are sampled ({@link #SAMPLING}) and which translator fits. What touches
 * files, the network, memory or threads is the caller's to say.
 *
 * <p>A value that the caller gives exactly as the file does cannot be told from the file's, and is
 * left out as well, with a warning. An operator who wrote the file says so with the system property
 * {@value #TRUST}{@code =true}; all of it holds then.
 */
public final class FolderSettings {

    /** The system property of an operator whose model folders are their own. */
    public static final String TRUST = "npu.trustModelFolder";

    private static final String FILE = "serving.properties";
    private static final String OPTION = "option.";
    private static final long MOST_BYTES = 1 << 20;

    /** Names of arguments, without underscores and in small letters. */
    private static final Set<String> SAMPLING =
            Set.of(
                    "maxnewtokens",
                    "maxtokens",
                    "maxcompletiontokens",
                    "dosample",
                    "temperature",
                    "topk",
                    "topp",
                    "minp",
                    "typicalp",
                    "repetitionpenalty",
                    "frequencypenalty",
                    "presencepenalty",
                    "seed",
                    "stop",
                    "stopsequences",
                    "prompt",
                    "question",
                    "panandscan",
                    "engine",
                    "application",
                    "translatorfactory",
                    "modelname");

    private static final Logger LOGGER = LoggerFactory.getLogger(FolderSettings.class);

    private final Path file;
    private final Properties stated = new Properties();

    /**
     * Reads what a folder says.
     *
     * @param folder the model's folder
     */
    public FolderSettings(Path folder) {
        file = folder.resolve(FILE);
        if (Boolean.getBoolean(TRUST)) {
            return;
        }
        try {
            if (Files.isRegularFile(file) && Files.size(file) <= MOST_BYTES) {
                try (Reader text = Files.newBufferedReader(file)) {
                    stated.load(text);
                }
            }
        } catch (IOException | IllegalArgumentException e) {
            LOGGER.warn("{} is not read: {}", file, e.getMessage());
        }
    }

    /**
     * Returns the caller's options of a model.
     *
     * @param merged what DJL passes; may be null
     * @return the options that the folder did not state
     */
    public Map<String, Object> callersOptions(Map<String, ?> merged) {
        return callers(merged, OPTION);
    }

    /**
     * Returns the arguments that hold: the caller's, and the folder's as far as it may say them.
     *
     * @param merged what DJL passes; may be null
     * @return the arguments
     */
    public Map<String, Object> arguments(Map<String, ?> merged) {
        return callers(merged, "");
    }

    private Map<String, Object> callers(Map<String, ?> merged, String prefix) {
        Map<String, Object> kept = new LinkedHashMap<>();
        if (merged == null) {
            return kept;
        }
        merged.forEach(
                (name, value) -> {
                    String found = stated.getProperty(prefix + name);
                    boolean folders = found != null && found.equals(String.valueOf(value));
                    if (folders && !(prefix.isEmpty() && SAMPLING.contains(plain(name)))) {
                        LOGGER.warn(
                                "{} states {}{}={}: left out, as a model may not say it; pass it to Criteria, or trust the folder with -D{}=true",
                                file,
                                prefix,
                                name,
                                found,
                                TRUST);
                    } else {
                        kept.put(name, value);
                    }
                });
        return kept;
    }

    private static String plain(String name) {
        return name.replace("_", "").toLowerCase(Locale.ROOT);
    }
}
