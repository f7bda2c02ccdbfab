package io.djlnpu.simulate;

import io.djlnpu.tile.NpuDevice;
import io.djlnpu.tile.NpuDevice.Parameter;
import io.djlnpu.timing.RunReport;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What if: a run priced on devices that differ in some parameters, over all combinations. */
public final class Sweep {

    private static final int STEPS = 5;
    private static final int MAX_POINTS = 10_000;
    private static final double MOST = 1e18;
    private static final Pattern AXIS =
            Pattern.compile(
                    "(\\w{1,20})=(NUMBER)(?:\\.\\.(NUMBER))?(?:/(\\d{1,9}))?([KMG]i?B|GB/s|GHz)?"
                            .replace("NUMBER", "\\d{1,15}(?:\\.\\d{1,15})?"));

    private Sweep() {}

    /**
     * Values of one parameter.
     *
     * @param parameter which
     * @param values its values, ascending
     */
    public record Axis(Parameter parameter, List<Double> values) {

        /** Copies the list. */
        public Axis {
            values = List.copyOf(values);
        }

        /**
         * Reads an axis: {@code columns=4..16}, {@code ddr=40..120GB/s}, {@code l1=64..128/3KiB}:
         * first and last value, how many in between and with them (5 unless said), the unit: KiB,
         * MiB or GiB for l1 and l2, GB/s for ddr and stream, GHz for clock, none for counts.
         *
         * @param text the axis
         * @return its values
         * @throws IllegalArgumentException if it is no axis
         */
        public static Axis parse(String text) {
            Matcher matcher = AXIS.matcher(text.strip());
            if (!matcher.matches()) {
                throw new IllegalArgumentException(
                        "sweep '" + text + "', expected like columns=4..16 or ddr=40..120GB/s");
            }
            Parameter parameter = parameter(matcher.group(1));
            boolean whole = parameter.isWhole();
            double unit = unit(parameter, matcher.group(5), text);
            double first = Double.parseDouble(matcher.group(2)) * unit;
            double last =
                    matcher.group(3) == null ? first : Double.parseDouble(matcher.group(3)) * unit;
            int count = matcher.group(4) == null ? STEPS : Integer.parseInt(matcher.group(4));
            boolean ascending = first > 0 && last >= first && last < MOST;
            if (!ascending || whole && first < 1 || count < 1 || count > MAX_POINTS) {
                throw new IllegalArgumentException(
                        "sweep '"
                                + text
                                + "', expected 1 to "
                                + MAX_POINTS
                                + " ascending values above 0, whole ones from 1");
            }
            List<Double> values = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                double value = count == 1 ? first : first + (last - first) * i / (count - 1);
                double kept = whole ? Math.rint(value) : value;
                if (values.isEmpty() || kept > values.getLast()) {
                    values.add(kept);
                }
            }
            return new Axis(parameter, values);
        }

        private static Parameter parameter(String name) {
            try {
                return Parameter.valueOf(name.toUpperCase(Locale.ROOT));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        "no parameter '" + name + "'; known: " + List.of(Parameter.values()), e);
            }
        }

        /** Without its unit a rate would be bytes a second, a billionth of what is meant. */
        private static double unit(Parameter parameter, String unit, String text) {
            List<String> expected =
                    switch (parameter) {
                        case DDR, STREAM -> List.of("GB/s");
                        case CLOCK -> List.of("GHz");
                        case L1, L2 -> List.of("KiB", "MiB", "GiB", "KB", "MB", "GB");
                        case COLUMNS, ROWS, MACS -> List.of();
                    };
            if (unit == null ? !expected.isEmpty() : !expected.contains(unit)) {
                throw new IllegalArgumentException(
                        "sweep '%s' has the unit '%s', expected %s"
                                .formatted(
                                        text,
                                        unit == null ? "" : unit,
                                        expected.isEmpty()
                                                ? "none, as it is a count"
                                                : String.join(" or ", expected)));
            }
            return switch (unit) {
                case null -> 1;
                case "KB", "KiB" -> 1 << 10;
                case "MB", "MiB" -> 1 << 20;
                default -> 1e9;
            };
        }
    }

    /**
     * One device of a sweep.
     *
     * @param settings value of each swept parameter
     * @param report what the run costs there
     */
    public record Point(Map<Parameter, Double> settings, RunReport report) {}

    /**
     * Prices a run on every combination.
     *
     * @param base the device that is varied
     * @param axes which parameters and values
     * @param run prices the run on a device
     * @return one point a combination, the last axis changing fastest
     */
    public static List<Point> over(
            NpuDevice base, List<Axis> axes, Function<NpuDevice, RunReport> run) {
        long combinations = 1;
        for (Axis axis : axes) {
            combinations *= axis.values().size();
            if (combinations > MAX_POINTS) {
                throw new IllegalArgumentException(
                        "a sweep of more than " + MAX_POINTS + " points; take fewer values");
            }
        }
        List<Point> points = new ArrayList<>();
        visit(base, axes, new LinkedHashMap<>(), run, points);
        return points;
    }

    private static void visit(
            NpuDevice device,
            List<Axis> axes,
            Map<Parameter, Double> settings,
            Function<NpuDevice, RunReport> run,
            List<Point> points) {
        if (axes.isEmpty()) {
            points.add(new Point(new LinkedHashMap<>(settings), run.apply(device)));
            return;
        }
        Axis axis = axes.getFirst();
        for (double value : axis.values()) {
            settings.put(axis.parameter(), value);
            visit(
                    device.with(axis.parameter(), value),
                    axes.subList(1, axes.size()),
                    settings,
                    run,
                    points);
        }
        settings.remove(axis.parameter());
    }
}
