package io.djlnpu.generate.grammar;

import java.util.Map;
import java.util.Optional;

/** Formats of strings that are held to, as regular expressions; any other one only annotates. */
final class Formats {

    private static final String YEARS =
            "([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)";
    private static final String DATE =
            "([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)"
                    + "|02-(0[1-9]|1[0-9]|2[0-8]))|"
                    + YEARS
                    + "-02-29)";
    private static final String TIME =
            "([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]+)?"
                    + "(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])";
    private static final String LABEL = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?";
    private static final String OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
    private static final String H16 = "[0-9A-Fa-f]{1,4}";
    private static final String PCHAR = "([A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})";
    private static final String URI =
            "[A-Za-z][A-Za-z0-9+.-]*:(//(([A-Za-z0-9._~!$&'()*+,;=:-]|%[0-9A-Fa-f]{2})*@)?"
                    + LABEL
                    + "(\\."
                    + LABEL
                    + "){0,20}(:[0-9]{1,5})?(/"
                    + PCHAR
                    + "*)*|/?"
                    + PCHAR
                    + "+(/"
                    + PCHAR
                    + "*)*)(\\?("
                    + PCHAR
                    + "|[/?])*)?(#("
                    + PCHAR
                    + "|[/?])*)?";

    private static final Map<String, String> KNOWN =
            Map.ofEntries(
                    Map.entry("date", DATE),
                    Map.entry("time", TIME),
                    Map.entry("date-time", DATE + "[Tt]" + TIME),
                    Map.entry(
                            "duration",
                            "P(([0-9]+Y([0-9]+M([0-9]+D)?)?|[0-9]+M([0-9]+D)?|[0-9]+D)"
                                    + "(T([0-9]+H([0-9]+M([0-9]+S)?)?|[0-9]+M([0-9]+S)?|[0-9]+S))?"
                                    + "|T([0-9]+H([0-9]+M([0-9]+S)?)?|[0-9]+M([0-9]+S)?|[0-9]+S)"
                                    + "|[0-9]+W)"),
                    Map.entry(
                            "email",
                            "[A-Za-z0-9_+-]{1,30}(\\.[A-Za-z0-9_+-]{1,30})?@"
                                    + LABEL
                                    + "(\\."
                                    + LABEL
                                    + "){1,3}"),
                    Map.entry("hostname", LABEL + "(\\." + LABEL + "){0,3}"),
                    Map.entry("ipv4", OCTET + "(\\." + OCTET + "){3}"),
                    Map.entry("ipv6", ipv6()),
                    Map.entry("uri", URI),
                    Map.entry(
                            "uuid",
                            "[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}"),
                    Map.entry("json-pointer", "(/([^/~]|~[01])*)*"));

    private Formats() {}

    /** Every place where two colons may stand for zeros. */
    private static String ipv6() {
        StringBuilder all = new StringBuilder("(" + H16 + ":){7}" + H16);
        for (int before = 0; before <= 7; before++) {
            for (int after = 0; before + after <= 6; after++) {
                all.append('|');
                if (before > 0) {
                    all.append("(" + H16 + ":){").append(before - 1).append("}" + H16);
                }
                all.append("::");
                if (after > 0) {
                    all.append("(" + H16 + ":){").append(after - 1).append("}" + H16);
                }
            }
        }
        return "(" + all + ")";
    }

    /** The expression of a format. */
    static Optional<String> expression(String format) {
        return Optional.ofNullable(KNOWN.get(format));
    }
}
