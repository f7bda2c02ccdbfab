package io.djlnpu.samples.command;

import io.djlnpu.samples.doctor.Check;
import io.djlnpu.samples.doctor.Folders;
import io.djlnpu.samples.doctor.Machine;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.Command;

/** Says what this machine offers, and what to do where something is missing. */
@Command(
        name = "doctor",
        description =
                "Looks at the JDK, its flags, vector width, pages, memory, cache and fixtures, and"
                        + " says what to do about each.")
public final class DoctorCommand extends NpuCommand {

    /** Made by picocli. */
    public DoctorCommand() {}

    /** The JSON result. */
    private record Result(List<Check> checks) {}

    @Override
    int run(Console console) {
        List<Check> checks =
                Stream.of(Machine.checks(), Folders.checks()).flatMap(List::stream).toList();
        console.result(
                new Result(checks),
                out -> {
                    for (Check check : checks) {
                        out.printf(
                                "%-4s %-14s %s%n",
                                check.ok() ? "ok" : "!", check.name(), check.found());
                        if (!check.advice().isEmpty()) {
                            out.printf("     %-14s -> %s%n", "", check.advice());
                        }
                    }
                });
        return 0;
    }
}
