package io.djlnpu.samples.command;

import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Progress of one task on standard error, or nothing at all. */
interface Progress extends AutoCloseable {

    /** Reports that {@code done} of {@code total} units are done. */
    void update(long done, long total);

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

    /** A bar on standard error, drawn from the first update on. */
    static Progress bar(String task) {
        return new Progress() {
            private ProgressBar bar;

            @Override
            public void update(long done, long total) {
                if (bar == null) {
                    bar =
                            new ProgressBarBuilder()
                                    .setTaskName(task)
                                    .setInitialMax(total)
                                    .setStyle(ProgressBarStyle.ASCII)
                                    .setConsumer(new ConsoleProgressBarConsumer(System.err))
                                    .clearDisplayOnFinish()
                                    .build();
                }
                bar.maxHint(total).stepTo(done);
            }

            @Override
            public void close() {
                if (bar != null) {
                    bar.close();
                }
            }
        };
    }
}
