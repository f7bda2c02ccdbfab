package io.djlnpu.samples.failure;

import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** One sentence for what failed. */
public final class FailureMessage {

    /** For a result that nobody takes. */
    public static final String LOST_OUTPUT =
            "standard output cannot be written: its reader is gone or its disk is full;"
                    + " the result is incomplete";

    private FailureMessage() {}

    /**
     * Returns the first message that says something, from the outermost cause inwards.
     *
     * @param failure what failed
     * @return one sentence for the user
     */
    public static String of(Throwable failure) {
        String message = failure.getMessage();
        boolean onlyWraps = failure.getCause() != null && isWrapper(failure, message);
        if (onlyWraps) {
            return of(failure.getCause());
        }
        if (message == null || message.isBlank()) {
            return failure.getClass().getSimpleName() + "; run again with --verbose to see where";
        }
        return failure instanceof FileSystemException refused
                ? refused.getFile() + ": " + reason(refused)
                : message;
    }

    private static boolean isWrapper(Throwable failure, String message) {
        return message == null || message.equals(failure.getCause().toString());
    }

    /**
     * Says what is wrong with a file: Java's exceptions carry only its path.
     *
     * @param failure what failed
     * @return the reason without the path, and what to do
     */
    public static String reason(FileSystemException failure) {
        return switch (failure) {
            case NoSuchFileException e -> "no such file or folder; check the path";
            case AccessDeniedException e -> "access denied; check who may read and write it";
            case FileAlreadyExistsException e -> "exists already; choose another name";
            case NotDirectoryException e -> "no folder; check the path";
            default -> failure.getReason() == null ? "cannot be used" : failure.getReason();
        };
    }
}
