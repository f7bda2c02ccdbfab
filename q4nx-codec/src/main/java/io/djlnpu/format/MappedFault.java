package io.djlnpu.format;

import io.djlnpu.format.ModelFormatException.Code;

/**
 * What the JVM throws where a mapped file has become shorter than its map: an {@link InternalError}
 * in the middle of any read. Whoever opened the file catches it and says what happened.
 */
public final class MappedFault {

    private static final int MOST_CAUSES = 16;

    private MappedFault() {}

    /**
     * Tells a cut file from an error of the virtual machine.
     *
     * @param failure what was caught
     * @return true if it, or a cause of it, is the fault of a map
     */
    public static boolean isIn(Throwable failure) {
        Throwable cause = failure;
        for (int i = 0; cause != null && i < MOST_CAUSES; i++, cause = cause.getCause()) {
            String message = String.valueOf(cause.getMessage());
            if (cause instanceof InternalError && message.contains("unsafe memory access")) {
                return true;
            }
        }
        return false;
    }

    /**
     * Returns what to tell instead.
     *
     * @param what which files were read
     * @param fault what was caught
     * @return the error, {@link Code#TRUNCATED}
     */
    public static ModelFormatException truncated(String what, Throwable fault) {
        return new ModelFormatException(
                Code.TRUNCATED,
                what
                        + ": a file was cut, or its disk taken away, while it was read; restore the"
                        + " file and try again",
                fault);
    }
}
