package io.djlnpu.samples.doctor;

import com.sun.management.OperatingSystemMXBean;
import io.djlnpu.simd.SimdProvider;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Checks of the JVM and the hardware below it. */
public final class Machine {

    private static final int NEEDED_JAVA = 25;
    private static final Path HUGE_PAGES = Path.of("/sys/kernel/mm/transparent_hugepage/enabled");
    private static final Pattern CHOSEN = Pattern.compile("\\[(\\w+)]");

    private Machine() {}

    /**
     * Looks at this machine.
     *
     * @return the checks, in the order in which to read them
     */
    public static List<Check> checks() {
        return List.of(java(), vectors(), nativeAccess(), cores(), memory(), hugePages(HUGE_PAGES));
    }

    private static Check java() {
        return Check.of(
                "java",
                Runtime.version().feature() >= NEEDED_JAVA,
                Runtime.version() + ", " + System.getProperty("java.vendor"),
                "install a JDK " + NEEDED_JAVA + " and set NPU_JAVA_HOME to it");
    }

    private static Check vectors() {
        boolean module = ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
        return Check.of(
                "vectors",
                module,
                SimdProvider.best().name(),
                "run the JVM with --add-modules jdk.incubator.vector; without it the scalar kernels"
                        + " run, many times slower");
    }

    private static Check nativeAccess() {
        boolean enabled = Machine.class.getModule().isNativeAccessEnabled();
        return Check.of(
                "native access",
                enabled,
                enabled ? "enabled" : "not enabled",
                "run the JVM with --enable-native-access=ALL-UNNAMED; without it weights take twice"
                        + " the memory and loops check their bounds");
    }

    private static Check cores() {
        return Check.good(
                "cores",
                Runtime.getRuntime().availableProcessors() + ", " + System.getProperty("os.arch"));
    }

    private static Check memory() {
        if (!(ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean os)) {
            return Check.good("memory", "unknown on this JVM");
        }
        double free = os.getFreeMemorySize() / 1e9;
        return Check.of(
                "memory",
                os.getTotalMemorySize() > 2e9,
                String.format(
                        Locale.ROOT,
                        "%.1f GB, %.1f free; heap up to %.1f",
                        os.getTotalMemorySize() / 1e9,
                        free,
                        Runtime.getRuntime().maxMemory() / 1e9),
                "a 270M takes about 1 GB, a 1B 2, a 4B 6; use --weights mapped to halve that");
    }

    /** Packed weights ask for huge pages, which read faster; only "never" refuses them. */
    static Check hugePages(Path setting) {
        try {
            Matcher chosen = CHOSEN.matcher(Files.readString(setting));
            String mode = chosen.find() ? chosen.group(1) : "unknown";
            return Check.of(
                    "huge pages",
                    !mode.equals("never"),
                    mode,
                    "as root: echo madvise > " + setting + "; small pages read slower");
        } catch (IOException e) {
            return Check.good("huge pages", "not on this system; small pages are used");
        }
    }
}
