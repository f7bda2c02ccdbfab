package io.djlnpu.samples.command;

import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Turns wrong usage into its message and where help is, and exit code 2. The whole help would push
 * the message off the screen; only a command line without any command gets it.
 */
public final class UsageReport implements IParameterExceptionHandler {

    /** Constructs the handler. */
    public UsageReport() {}

    @Override
    public int handleParseException(ParameterException wrong, String[] arguments) {
        CommandLine line = wrong.getCommandLine();
        PrintWriter err = line.getErr();
        if (arguments.length == 0) {
            line.usage(err);
        } else {
            String command = line.getCommandSpec().qualifiedName();
            err.println("npu: " + wrong.getMessage());
            UnmatchedArgumentException.printSuggestions(wrong, err);
            err.println("Usage: " + command + " [OPTIONS]; " + command + " --help lists them");
        }
        err.flush();
        return line.getCommandSpec().exitCodeOnInvalidInput();
    }
}
