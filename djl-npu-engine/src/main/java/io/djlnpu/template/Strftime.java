package io.djlnpu.template;

import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.IsoFields;
import java.util.Locale;

/** Python's {@code strftime} in the C locale, with glibc's flags for padding. */
final class Strftime {

    private Strftime() {}

    static String format(String format, ZonedDateTime time) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < format.length(); i++) {
            char c = format.charAt(i);
            if (c != '%' || i + 1 == format.length()) {
                out.append(c);
                continue;
            }
            char flag = format.charAt(++i);
            boolean flagged = "-_0^#".indexOf(flag) >= 0 && i + 1 < format.length();
            char field = flagged ? format.charAt(++i) : flag;
            out.append(flagged ? flagged(field, flag, time) : field(field, time));
        }
        return out.toString();
    }

    private static String flagged(char field, char flag, ZonedDateTime time) {
        String plain = field(field, time);
        return switch (flag) {
            case '^' -> Texts.upper(plain);
            case '#' -> Texts.isUpper(plain) ? Texts.lower(plain) : Texts.upper(plain);
            case '-' -> plain.replaceFirst("^[0 ]+(?=\\d)", "");
            case '_' -> pad(plain, ' ');
            default -> pad(plain, '0');
        };
    }

    private static String pad(String plain, char by) {
        String digits = plain.replaceFirst("^[0 ]+(?=\\d)", "");
        return Character.toString(by).repeat(plain.length() - digits.length()) + digits;
    }

    private static String field(char field, ZonedDateTime time) {
        return switch (field) {
            case 'a' -> named("EEE", time);
            case 'A' -> named("EEEE", time);
            case 'b', 'h' -> named("MMM", time);
            case 'B' -> named("MMMM", time);
            case 'c' -> format("%a %b %e %H:%M:%S %Y", time);
            case 'C' -> "%02d".formatted(time.getYear() / 100);
            case 'd' -> "%02d".formatted(time.getDayOfMonth());
            case 'D', 'x' -> format("%m/%d/%y", time);
            case 'e' -> "%2d".formatted(time.getDayOfMonth());
            case 'f' -> "%06d".formatted(time.getNano() / 1000);
            case 'F' -> format("%Y-%m-%d", time);
            case 'g' -> "%02d".formatted(time.get(IsoFields.WEEK_BASED_YEAR) % 100);
            case 'G' -> "%04d".formatted(time.get(IsoFields.WEEK_BASED_YEAR));
            case 'H' -> "%02d".formatted(time.getHour());
            case 'I' -> "%02d".formatted((time.getHour() + 11) % 12 + 1);
            case 'j' -> "%03d".formatted(time.getDayOfYear());
            case 'k' -> "%2d".formatted(time.getHour());
            case 'l' -> "%2d".formatted((time.getHour() + 11) % 12 + 1);
            case 'm' -> "%02d".formatted(time.getMonthValue());
            case 'M' -> "%02d".formatted(time.getMinute());
            case 'n' -> "\n";
            case 'p' -> time.getHour() < 12 ? "AM" : "PM";
            case 'P' -> time.getHour() < 12 ? "am" : "pm";
            case 'r' -> format("%I:%M:%S %p", time);
            case 'R' -> format("%H:%M", time);
            case 's' -> Long.toString(time.toEpochSecond());
            case 'S' -> "%02d".formatted(time.getSecond());
            case 't' -> "\t";
            case 'T', 'X' -> format("%H:%M:%S", time);
            case 'u' -> Integer.toString(time.getDayOfWeek().getValue());
            case 'U' -> "%02d".formatted((time.getDayOfYear() + 6 - weekDay(time)) / 7);
            case 'V' -> "%02d".formatted(time.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR));
            case 'w' -> Integer.toString(weekDay(time));
            case 'W' -> "%02d".formatted((time.getDayOfYear() + 6 - (weekDay(time) + 6) % 7) / 7);
            case 'y' -> "%02d".formatted(time.getYear() % 100);
            case 'Y' -> Integer.toString(time.getYear());
            // The time is a naive one in Python: it knows no zone.
            case 'z', 'Z' -> "";
            case '%' -> "%";
            default -> "%" + field;
        };
    }

    /** From Sunday, which is 0. */
    private static int weekDay(ZonedDateTime time) {
        return time.getDayOfWeek().getValue() % 7;
    }

    private static String named(String pattern, ZonedDateTime time) {
        return DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH).format(time);
    }
}
