package io.djlnpu.samples.peer;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Times contestants in turn, round by round, so that a slow minute of the machine hits all of them;
 * compares within a round and reports the ratios' spread.
 */
final class Contest {

    private final int[] prompt;
    private final int newTokens;
    private final int rounds;

    /**
     * Sets the task.
     *
     * @param prompt token ids of the prompt
     * @param newTokens tokens to decode after it
     * @param rounds timed rounds; one more runs first, unseen
     */
    Contest(int[] prompt, int newTokens, int rounds) {
        this.prompt = prompt;
        this.newTokens = newTokens;
        this.rounds = rounds;
    }

    /** Speeds of one contestant, a value a round, tokens a second. */
    private record Speeds(double[] prefill, double[] decode) {}

    /** Runs all rounds and prints a table; the first contestant is the one that is judged. */
    void run(List<Contestant> contestants, PrintStream out) throws Exception {
        List<Speeds> speeds = new ArrayList<>();
        for (Contestant contestant : contestants) {
            time(contestant);
            speeds.add(new Speeds(new double[rounds], new double[rounds]));
        }
        for (int round = 0; round < rounds; round++) {
            for (int i = 0; i < contestants.size(); i++) {
                double[] measured = time(contestants.get(i));
                speeds.get(i).prefill()[round] = measured[0];
                speeds.get(i).decode()[round] = measured[1];
            }
        }
        Speeds first = speeds.getFirst();
        for (int i = 0; i < contestants.size(); i++) {
            Speeds other = speeds.get(i);
            out.printf(
                    Locale.ROOT,
                    "%-34s prefill %s tok/s%s   decode %s tok/s%s%n",
                    contestants.get(i).name(),
                    spread(other.prefill()),
                    i == 0 ? "" : ", ours is " + ratio(first.prefill(), other.prefill()),
                    spread(other.decode()),
                    i == 0 ? "" : ", ours is " + ratio(first.decode(), other.decode()));
        }
    }

    private double[] time(Contestant contestant) throws Exception {
        long start = System.nanoTime();
        int token = contestant.prefill(prompt);
        long middle = System.nanoTime();
        for (int i = 0; i < newTokens; i++) {
            token = contestant.decode(token);
        }
        long end = System.nanoTime();
        return new double[] {
            prompt.length * 1e9 / (middle - start), newTokens * 1e9 / (end - middle)
        };
    }

    private static String ratio(double[] ours, double[] theirs) {
        double[] ratios = new double[ours.length];
        Arrays.setAll(ratios, i -> ours[i] / theirs[i]);
        Arrays.sort(ratios);
        return String.format(
                Locale.ROOT,
                "%.2fx (%.2f to %.2f)",
                ratios[ratios.length / 2],
                ratios[0],
                ratios[ratios.length - 1]);
    }

    private static String spread(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return String.format(
                Locale.ROOT,
                "%.1f (%.1f to %.1f)",
                sorted[sorted.length / 2],
                sorted[0],
                sorted[sorted.length - 1]);
    }
}
