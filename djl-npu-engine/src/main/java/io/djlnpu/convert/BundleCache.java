package io.djlnpu.convert;

import io.djlnpu.bundle.BundleOptions;
import io.djlnpu.bundle.BundleWriter;
import io.djlnpu.bundle.ModelBundle;
import io.djlnpu.bundle.ModelSource;
import io.djlnpu.source.ModelSources;
import java.io.IOException;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds or makes the bundle of a model. A bundle folder is its own answer; an ONNX folder or file
 * is converted once, into a folder named by the hash of everything that the conversion reads, so
 * that a changed file is never answered with an old bundle.
 *
 * <p>Two threads or processes that want the same model convert it once. What is found is either
 * whole or converted again; a conversion that fails leaves nothing behind.
 */
public final class BundleCache {

    /** Enters the hash; to be raised whenever the same files should give another bundle. */
    private static final String VERSION = "npu-bundle-3";

    private static final Logger LOGGER = LoggerFactory.getLogger(BundleCache.class);

    private static final long RETRY_NANOS = 100_000_000;

    private final Path root;

    /**
     * Constructs a cache.
     *
     * @param root the folder that holds the bundles; made when first needed
     */
    public BundleCache(Path root) {
        this.root = Objects.requireNonNull(root);
    }

    /**
     * Returns the cache inside Deep Java Library's own: {@code ENGINE_CACHE_DIR}, {@code
     * DJL_CACHE_DIR} (environment or system property) or {@code ~/.djl.ai}, below it {@code npu}.
     * Where home cannot be written, a folder of the user's own among the temporary files.
     *
     * @return the cache that the engine uses
     */
    public static BundleCache standard() {
        Path home = Path.of(System.getProperty("user.home"));
        Path base =
                Stream.of("ENGINE_CACHE_DIR", "DJL_CACHE_DIR")
                        .map(BundleCache::setting)
                        .filter(value -> value != null && !value.isEmpty())
                        .findFirst()
                        .map(Path::of)
                        .orElseGet(
                                () ->
                                        Files.isWritable(home)
                                                ? home.resolve(".djl.ai")
                                                : CacheOwner.privateFolder());
        return new BundleCache(base.resolve("npu"));
    }

    /**
     * Returns where the bundles lie.
     *
     * @return the folder, which need not exist yet
     */
    public Path root() {
        return root;
    }

    private static String setting(String name) {
        String value = System.getenv(name);
        return value == null || value.isEmpty() ? System.getProperty(name) : value;
    }

    /**
     * Tells whether a path is something that {@link #open} takes.
     *
     * @param model any path
     * @return true for a bundle folder, an ONNX folder, an {@code .onnx} file or a checkpoint
     *     folder
     */
    public static boolean isModel(Path model) {
        return ModelBundle.isBundle(model) || ModelSources.isSource(model);
    }

    /**
     * Opens a model, after converting it if need be.
     *
     * @param model a bundle folder, a folder with {@code .onnx} files, one such file, or a
     *     checkpoint
     * @param progress told how a conversion goes on; silent if there is none
     * @return the open bundle, to be closed by the caller
     * @throws IOException if the model is damaged, incomplete or of another kind
     */
    public ModelBundle open(Path model, BundleOptions.Progress progress) throws IOException {
        if (ModelBundle.isBundle(model)) {
            return ModelBundle.open(model);
        }
        try (ModelSource source = ModelSources.open(model)) {
            Path target = ours(ContentHash.of(VERSION, source.sourceFiles()));
            Optional<ModelBundle> kept = kept(target);
            return kept.isPresent() ? kept.get() : locked(source, target, progress);
        }
    }

    /** Nothing is read from, or written into, what another user could have put there. */
    private Path ours(String hash) throws IOException {
        Path target = root.resolve(hash);
        if (CacheOwner.isOurs(target) && (Files.notExists(root) || CacheOwner.isOurFile(root))) {
            return target;
        }
        Path own = CacheOwner.privateFolder().resolve("npu").resolve(hash);
        LOGGER.warn("{} is, or may be written by, somebody else; {} is used instead", target, own);
        return own;
    }

    /** A bundle appears whole, so that nobody needs the lock, or may write, to open one. */
    private static Optional<ModelBundle> kept(Path target) {
        try {
            return Files.exists(target) && BundleStamp.isWhole(target)
                    ? Optional.of(ModelBundle.open(target))
                    : Optional.empty();
        } catch (IOException damaged) {
            // Somebody tampered with the cache; the source is here to make it anew.
            return Optional.empty();
        }
    }

    private static ModelBundle locked(
            ModelSource source, Path target, BundleOptions.Progress progress) throws IOException {
        while (true) {
            try {
                return FolderLock.holding(target, () -> openOrConvert(source, target, progress));
            } catch (OverlappingFileLockException e) {
                // The same engine in another class loader of this JVM converts it.
                LockSupport.parkNanos(RETRY_NANOS);
            }
        }
    }

    private static ModelBundle openOrConvert(
            ModelSource source, Path target, BundleOptions.Progress progress) throws IOException {
        Optional<ModelBundle> kept = kept(target);
        if (kept.isPresent()) {
            return kept.get();
        }
        if (Files.exists(target)) {
            // somebody tampered with the cache; the source is here to make it anew
            setAside(target);
        }
        BundleWriter.write(
                source,
                target,
                BundleOptions.defaults()
                        .withCompanions(source.companionFiles())
                        .withReplace(true)
                        .withProgress(progress));
        BundleStamp.write(target);
        return ModelBundle.open(target);
    }

    /** Only a bundle is ever replaced; what has lost its weights is kept for whoever took them. */
    private static void setAside(Path target) throws IOException {
        if (!ModelBundle.isBundle(target)) {
            String name = target.getFileName() + ".damaged-" + System.currentTimeMillis();
            Files.move(target, target.resolveSibling(name));
        }
    }
}
