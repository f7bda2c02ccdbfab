package io.djlnpu.samples.command;

import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What every subcommand shares: the common options and where its output goes. */
abstract class NpuCommand implements Callable<Integer> {

    @Mixin CommonOptions common;

    @Spec CommandSpec spec;

    @Override
    public final Integer call() throws Exception {
        try {
            common.apply();
        } catch (IllegalArgumentException e) {
            throw misuse(e.getMessage());
        }
        Console console =
                new Console(spec.commandLine().getOut(), spec.commandLine().getErr(), common);
        try {
            return run(console);
        } finally {
            console.flush();
        }
    }

    /**
     * Does the work.
     *
     * @param console receives the result and the hints
     * @return the exit code, 0 when all went well
     * @throws Exception if the work failed; its message is all that the user sees
     */
    abstract int run(Console console) throws Exception;

    /** What the user's values make; values out of their range are wrong usage. */
    final <T> T usable(Supplier<T> made) {
        try {
            return made.get();
        } catch (IllegalArgumentException e) {
            throw misuse(e.getMessage());
        }
    }

    /** Tells whether an option was given, and not left at its default. */
    final boolean isGiven(String option) {
        return spec.commandLine().getParseResult().hasMatchedOption(option);
    }

    /** Wrong usage that picocli cannot see by itself: message, where help is, exit code 2. */
    final ParameterException misuse(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
