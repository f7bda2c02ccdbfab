package io.djlnpu.samples.command;

import io.djlnpu.samples.failure.FailureMessage;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

/** Turns a failed command into one message on standard error and exit code 1. */
public final class FailureReport implements IExecutionExceptionHandler {

    /** Constructs the handler. */
    public FailureReport() {}

    @Override
    public int handleExecutionException(Exception failure, CommandLine line, ParseResult parsed) {
        if (failure instanceof CommandLine.ParameterException) {
            throw (CommandLine.ParameterException) failure;
        }
        line.getOut().flush();
        line.getErr().println("npu: " + FailureMessage.of(failure));
        if (line.getCommand() instanceof NpuCommand command && command.common.verbose) {
            failure.printStackTrace(line.getErr());
        }
        line.getErr().flush();
        return 1;
    }
}
