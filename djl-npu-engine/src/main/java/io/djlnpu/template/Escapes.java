package io.djlnpu.template;

/** Escapes in a string, as Python's {@code unicode-escape} reads them. */
final class Escapes {

    private final String written;
    private final StringBuilder read = new StringBuilder();
    private int at;

    private Escapes(String written) {
        this.written = written;
    }

    static String read(String written) {
        if (written.indexOf('\\') < 0) {
            return written;
        }
        Escapes escapes = new Escapes(ascii(written));
        while (escapes.at < escapes.written.length()) {
            escapes.next();
        }
        return escapes.read.toString();
    }

    /** Jinja2 writes what is no ASCII as escapes first, which matters behind a backslash. */
    private static String ascii(String text) {
        StringBuilder ascii = new StringBuilder();
        text.codePoints()
                .forEach(
                        c -> {
                            if (c < 0x80) {
                                ascii.append((char) c);
                            } else {
                                ascii.append(
                                        c < 0x100
                                                ? "\\x%02x".formatted(c)
                                                : c < 0x10000
                                                        ? "\\u%04x".formatted(c)
                                                        : "\\U%08x".formatted(c));
                            }
                        });
        return ascii.toString();
    }

    private void next() {
        char c = written.charAt(at++);
        if (c != '\\' || at == written.length()) {
            read.append(c);
            return;
        }
        char escaped = written.charAt(at++);
        switch (escaped) {
            case '\n' -> {}
            case '\\', '\'', '"' -> read.append(escaped);
            case 'a' -> read.append('\u0007');
            case 'b' -> read.append('\b');
            case 'f' -> read.append('\f');
            case 'n' -> read.append('\n');
            case 'r' -> read.append('\r');
            case 't' -> read.append('\t');
            case 'v' -> read.append('\u000b');
            case 'x' -> hex(2);
            case 'u' -> hex(4);
            case 'U' -> hex(8);
            case 'N' -> named();
            case '0', '1', '2', '3', '4', '5', '6', '7' -> octal();
            default -> read.append('\\').append(escaped);
        }
    }

    private void hex(int digits) {
        int end = at + digits;
        if (end > written.length()
                || !written.substring(at, end).matches("[0-9a-fA-F]+")
                || Long.parseLong(written.substring(at, end), 16) > Character.MAX_CODE_POINT) {
            throw TemplateException.value(
                    "a string with a damaged escape of " + digits + " digits");
        }
        read.appendCodePoint((int) Long.parseLong(written.substring(at, end), 16));
        at = end;
    }

    private void octal() {
        int from = --at;
        while (at < written.length()
                && at < from + 3
                && written.charAt(at) >= '0'
                && written.charAt(at) <= '7') {
            at++;
        }
        read.append((char) Integer.parseInt(written.substring(from, at), 8));
    }

    private void named() {
        int end = written.indexOf('}', at);
        if (end < 0 || written.charAt(at) != '{') {
            throw TemplateException.value("a string with a damaged escape \\N");
        }
        try {
            read.appendCodePoint(Character.codePointOf(written.substring(at + 1, end)));
        } catch (IllegalArgumentException e) {
            throw TemplateException.value(
                    "a string with an unknown character " + written.substring(at + 1, end));
        }
        at = end + 1;
    }
}
