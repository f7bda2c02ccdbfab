package io.djlnpu.samples.command;

import picocli.CommandLine.Option;

/** Options that every command takes. */
final class CommonOptions {

    @Option(names = "--json", description = "print one JSON object and nothing else")
    boolean json;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "threads to compute with (default: all cores, here ${DEFAULT-VALUE})")
    int threads = Runtime.getRuntime().availableProcessors();

    @Option(names = "--verbose", description = "log details, and stack traces of failures")
    boolean verbose;

    @Option(names = "--quiet", description = "no progress, no hints, only errors")
    boolean quiet;

    /**
     * Sets the log level; must run before the first logger is made.
     *
     * @throws IllegalArgumentException if the options make no sense
     */
    void apply() {
        if (threads < 1) {
            throw new IllegalArgumentException("--threads " + threads + ", expected at least 1");
        }
        if (verbose && quiet) {
            throw new IllegalArgumentException("--verbose and --quiet contradict each other");
        }
        String level = verbose ? "debug" : quiet ? "error" : "warn";
        System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", verbose ? "info" : level);
        System.setProperty("org.slf4j.simpleLogger.log.io.djlnpu", level);
        System.setProperty("org.slf4j.simpleLogger.showThreadName", "false");
        System.setProperty("org.slf4j.simpleLogger.showShortLogName", "true");
    }
}
