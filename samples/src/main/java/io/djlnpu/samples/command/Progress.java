package io.djlnpu.samples.command;

import java.io.PrintStream;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Progress of one task on standard error, or nothing at all. */
interface Progress extends AutoCloseable {

    /** Reports that {@code done} of {@code total} units are done; -1 if nobody knows how many. */
    void update(long done, long total);

    /** Takes the bar away; what is reported later, and closing again, does nothing. */
    @Override
    void close();

    /** A progress that nobody sees. */
    static Progress silent() {
        return new Progress() {
            @Override
            public void update(long done, long total) {}

            @Override
            public void close() {}
        };
    }

    /**
     * A bar on standard error, drawn from the first update on.
     *
     * @param task what is done
     * @param unit what is counted, shown behind the numbers
     * @param unitSize how much one of the numbers shown stands for
     */
    static Progress bar(String task, String unit, long unitSize) {
        return new Progress() {
            private final Line line = new Line(System.err);
            private ProgressBar bar;
            private boolean closed;

            @Override
            public void update(long done, long total) {
                if (closed) {
                    return;
                }
                if (bar == null) {
                    bar =
                            new ProgressBarBuilder()
                                    .setTaskName(task)
                                    .setInitialMax(total)
                                    .setUnit(unit, unitSize)
                                    .setStyle(ProgressBarStyle.ASCII)
                                    .setConsumer(line)
                                    .build();
                }
                bar.maxHint(total).stepTo(done);
            }

            @Override
            public void close() {
                closed = true;
                if (bar != null) {
                    bar.close();
                    line.clear(); // the library forgets to, of a bar that it drew but once
                    bar = null;
                }
            }
        };
    }

    /** A line of a terminal that is free again once the bar is gone: nothing is printed then. */
    final class Line extends ConsoleProgressBarConsumer {

        /** Stated, as asking the terminal takes hold of it, and chat would not get it any more. */
        private static final int COLUMNS = 79;

        private final PrintStream terminal;

        Line(PrintStream terminal) {
            super(terminal, COLUMNS);
            this.terminal = terminal;
        }

        @Override
        public void close() {
            terminal.flush();
        }
    }
}
