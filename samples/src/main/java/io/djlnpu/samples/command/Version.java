package io.djlnpu.samples.command;

import java.util.Optional;
import picocli.CommandLine.IVersionProvider;

/**
 * What {@code --version} prints: the product's version, read from the jar, and the Java that runs
 * it.
 */
public final class Version implements IVersionProvider {

    /** Made by picocli. */
    public Version() {}

    @Override
    public String[] getVersion() {
        String version =
                Optional.ofNullable(Version.class.getPackage().getImplementationVersion())
                        .orElse("development");
        return new String[] {"npu " + version, "Java " + Runtime.version()};
    }
}
