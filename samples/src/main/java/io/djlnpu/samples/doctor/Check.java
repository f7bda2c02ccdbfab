package io.djlnpu.samples.doctor;

/**
 * One fact about this machine.
 *
 * @param name what was looked at, a word or two
 * @param ok false if something should be done about it
 * @param found what was found
 * @param advice what to do; empty if nothing
 */
public record Check(String name, boolean ok, String found, String advice) {

    static Check good(String name, String found) {
        return new Check(name, true, found, "");
    }

    static Check of(String name, boolean ok, String found, String advice) {
        return new Check(name, ok, found, ok ? "" : advice);
    }
}
