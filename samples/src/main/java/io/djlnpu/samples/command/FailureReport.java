package io.djlnpu.samples.command;

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
        line.getErr().println("npu: " + message(failure));
        if (line.getCommand() instanceof NpuCommand command && command.common.verbose) {
            failure.printStackTrace(line.getErr());
        }
        line.getErr().flush();
        return 1;
    }

    /** The first message that says something, from the outermost cause inwards. */
    private static String message(Throwable failure) {
        String message = failure.getMessage();
        boolean onlyWraps = failure.getCause() != null && isWrapper(failure, message);
        if (onlyWraps) {
            return message(failure.getCause());
        }
        if (message == null || message.isBlank()) {
            return failure.getClass().getSimpleName() + "; run again with --verbose to see where";
        }
        return describe(failure, message);
    }

    private static boolean isWrapper(Throwable failure, String message) {
        return message == null || message.equals(failure.getCause().toString());
    }

    /** Java's file exceptions carry only the path; say what is wrong with it. */
    private static String describe(Throwable failure, String message) {
        return switch (failure) {
            case java.nio.file.NoSuchFileException missing -> message + ": no such file or folder";
            case java.nio.file.AccessDeniedException missing -> message + ": access denied";
            case java.nio.file.FileAlreadyExistsException missing -> message + ": exists already";
            default -> message;
        };
    }
}
