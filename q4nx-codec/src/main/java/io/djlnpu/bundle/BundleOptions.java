package io.djlnpu.bundle;

import io.djlnpu.q4nx.Encoding;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * How a bundle is written.
 *
 * @param encoding how float weights become 4-bit codes
 * @param importance what errors cost, for the search
 * @param replace whether an existing target is replaced
 * @param companions files to copy into the bundle, by their name there ({@code tokenizer.json} ...)
 * @param threads encoder threads
 * @param progress told what was written
 */
public record BundleOptions(
        Encoding encoding,
        Optional<Importance> importance,
        boolean replace,
        Map<String, Path> companions,
        int threads,
        Progress progress) {

    /** Hears how a conversion goes on; called from one thread. */
    @FunctionalInterface
    public interface Progress {

        /**
         * Called whenever some bytes have been written.
         *
         * @param tensor what is being written
         * @param bytesDone bytes written so far
         * @param bytesTotal bytes of the whole bundle's weights
         */
        void update(String tensor, long bytesDone, long bytesTotal);
    }

    /**
     * Copies the map.
     *
     * @throws IllegalArgumentException if there is an importance for an encoding that knows none
     */
    public BundleOptions {
        if (importance.isPresent() && !encoding.weighsColumns()) {
            throw new IllegalArgumentException(
                    "an importance guides the search; " + encoding + " knows none");
        }
        companions = Map.copyOf(companions);
    }

    /**
     * Returns the defaults: search, do not replace, no companions, all cores.
     *
     * @return the defaults
     */
    public static BundleOptions defaults() {
        return new BundleOptions(
                Encoding.SEARCH,
                Optional.empty(),
                false,
                Map.of(),
                Runtime.getRuntime().availableProcessors(),
                (t, d, n) -> {});
    }

    /**
     * Returns these options with other companions.
     *
     * @param files files to copy into the bundle, by their name there
     * @return new options
     */
    public BundleOptions withCompanions(Map<String, Path> files) {
        return new BundleOptions(encoding, importance, replace, files, threads, progress);
    }

    /**
     * Returns these options with another encoding.
     *
     * @param other how float weights become 4-bit codes
     * @return new options
     */
    public BundleOptions withEncoding(Encoding other) {
        return new BundleOptions(other, importance, replace, companions, threads, progress);
    }

    /**
     * Returns these options with an importance.
     *
     * @param measured what errors cost
     * @return new options
     */
    public BundleOptions withImportance(Importance measured) {
        return new BundleOptions(
                encoding, Optional.of(measured), replace, companions, threads, progress);
    }

    /**
     * Returns these options with another rule for an existing target.
     *
     * @param allowed whether an existing target is replaced
     * @return new options
     */
    public BundleOptions withReplace(boolean allowed) {
        return new BundleOptions(encoding, importance, allowed, companions, threads, progress);
    }

    /**
     * Returns these options with a listener.
     *
     * @param listener told what was written
     * @return new options
     */
    public BundleOptions withProgress(Progress listener) {
        return new BundleOptions(encoding, importance, replace, companions, threads, listener);
    }
}
