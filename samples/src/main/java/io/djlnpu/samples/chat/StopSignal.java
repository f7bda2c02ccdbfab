package io.djlnpu.samples.chat;

/** The user's wish that an answer end. Made on one thread, heard on any. */
public final class StopSignal {

    private boolean requested;
    private Runnable listener = () -> {};

    /** Makes a signal that nobody has given yet. */
    public StopSignal() {}

    /**
     * Tells whether the answer is to end.
     *
     * @return true once it is
     */
    public synchronized boolean isRequested() {
        return requested;
    }

    /**
     * Hears of the wish at once, also while nothing is looked at, such as in a long prompt.
     *
     * @param action what ends the answer; runs now if the wish is there already
     */
    public synchronized void onRequest(Runnable action) {
        listener = action;
        if (requested) {
            action.run();
        }
    }

    /** Asks the answer to end. */
    public synchronized void request() {
        requested = true;
        listener.run();
    }
}
