package io.djlnpu.zoo;

import ai.djl.repository.Repository;
import ai.djl.repository.RepositoryFactory;
import ai.djl.repository.SimpleRepository;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/**
 * Makes {@code npu:} URLs: {@code npu:///models/gemma3} or {@code npu:gemma3} name a bundle or an
 * ONNX model on disk, to be run by this engine with its own translators. A {@code Criteria} then
 * needs nothing but the URL and its types.
 *
 * <p>Parameters of the URL are arguments, as everywhere in DJL: {@code
 * npu:///models/gemma3?maxNewTokens=64}.
 *
 * <p>Compiled for Java 17, and names no class that is not: DJL loads every factory on the class
 * path, also in applications on an older Java that use other engines.
 */
public final class NpuRepositoryFactory implements RepositoryFactory {

    private static final String SCHEME = "npu";

    @Override
    public Set<String> getSupportedScheme() {
        return Set.of(SCHEME);
    }

    @Override
    public Repository newInstance(String name, URI uri) {
        return new NpuRepository(name, hierarchical(uri));
    }

    /** {@code npu:folder?x=y} has no query of its own until it is read as a path. */
    private static URI hierarchical(URI uri) {
        if (!uri.isOpaque()) {
            if (uri.getRawAuthority() != null) {
                throw new IllegalArgumentException(
                        "%s names a machine, '%s', expected a path: npu:///%s%s"
                                .formatted(
                                        uri,
                                        uri.getAuthority(),
                                        uri.getAuthority(),
                                        uri.getPath()));
            }
            return existing(uri);
        }
        String[] parts = uri.getSchemeSpecificPart().split("\\?", 2);
        String query = parts.length == 2 ? "?" + parts[1] : "";
        URI path = Path.of(parts[0]).toAbsolutePath().toUri();
        return existing(URI.create(SCHEME + "://" + path.getRawPath() + query));
    }

    private static Path path(URI uri) {
        return Path.of(URI.create("file://" + uri.getRawPath()));
    }

    /** DJL would only say that no model matches. */
    private static URI existing(URI uri) {
        if (Files.notExists(path(uri))) {
            throw new IllegalArgumentException(
                    "%s: no such file or folder: %s; check the path".formatted(uri, path(uri)));
        }
        return uri;
    }

    private static final class NpuRepository extends SimpleRepository {

        NpuRepository(String name, URI uri) {
            super(name, uri, path(uri));
            arguments.putIfAbsent("engine", "NPU");
            arguments.putIfAbsent("translatorFactory", "io.djlnpu.translate.NpuTranslatorFactory");
        }
    }
}
