package io.djlnpu.it;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.management.JMException;
import javax.management.ObjectName;

/**
 * Memory outside the heap. {@link #asked} counts to the byte what Java code holds; {@link
 * #resident} also sees what libraries and mappings hold, but moves by megabytes with the JVM's
 * compilers.
 */
final class NativeMemory {

    /** The JVM's name for arenas and direct buffers. */
    private static final Pattern OTHER =
            Pattern.compile("Other \\(reserved=\\d+, committed=(\\d+)");

    private NativeMemory() {}

    /**
     * Bytes that arenas and direct buffers have taken and not given back. Needs {@code
     * -XX:NativeMemoryTracking=summary}.
     *
     * @throws JMException if the JVM cannot tell
     */
    static long asked() throws JMException {
        String summary = diagnose("vmNativeMemory", "summary", "scale=b");
        Matcher other = OTHER.matcher(summary);
        if (!other.find()) {
            throw new IllegalStateException(summary);
        }
        return Long.parseLong(other.group(1));
    }

    /**
     * Resident anonymous memory in bytes, the heap included. {@code malloc} is made to give freed
     * memory back first, of which it keeps hundreds of megabytes after many threads.
     *
     * @throws JMException if the JVM cannot do that
     * @throws IOException if this is not Linux
     */
    static long resident() throws JMException, IOException {
        diagnose("systemTrimNativeHeap");
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("RssAnon:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                .sum();
    }

    private static String diagnose(String command, String... arguments) throws JMException {
        boolean bare = arguments.length == 0;
        return (String)
                ManagementFactory.getPlatformMBeanServer()
                        .invoke(
                                new ObjectName("com.sun.management:type=DiagnosticCommand"),
                                command,
                                bare ? new Object[0] : new Object[] {arguments},
                                bare ? new String[0] : new String[] {String[].class.getName()});
    }
}
