package io.djlnpu.vision;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * The orientation that XMP notes, {@code tiff:Orientation} as an attribute or an element; it counts
 * where EXIF notes none, as in PIL.
 */
final class XmpOrientation {

    private static final byte[] NAME = "tiff:Orientation".getBytes(StandardCharsets.US_ASCII);

    /** Keyword of the international text that holds XMP in a PNG, with the byte that ends it. */
    private static final byte[] KEYWORD = "XML:com.adobe.xmp\0".getBytes(StandardCharsets.US_ASCII);

    private static final int MOST_INFLATED = 1 << 20;

    private XmpOrientation() {}

    /** Returns the digit that is noted, or 0. */
    static int of(byte[] file, int start, int length) {
        int end = Math.min(file.length, start + length);
        for (int at = start; at + NAME.length + 1 < end; at++) {
            if (file[at] == NAME[0]
                    && Arrays.equals(file, at, at + NAME.length, NAME, 0, NAME.length)) {
                int value = at + NAME.length;
                value +=
                        file[value] == '=' && file[value + 1] == '"'
                                ? 2
                                : file[value] == '>' ? 1 : 0;
                boolean noted = value > at + NAME.length && value < end;
                if (noted && file[value] >= '0' && file[value] <= '9') {
                    return file[value] - '0';
                }
            }
        }
        return 0;
    }

    /** Reads a chunk {@code iTXt}; 0 if it is another text. */
    static int ofText(byte[] file, int start, int length) {
        int end = start + length;
        int at = start + KEYWORD.length;
        if (at + 2 > end || !Arrays.equals(file, start, at, KEYWORD, 0, KEYWORD.length)) {
            return 0;
        }
        boolean compressed = file[at] != 0;
        at += 2;
        for (int text = 0; text < 2; text++) { // language, keyword in that language
            while (at < end && file[at] != 0) {
                at++;
            }
            at++;
        }
        if (at >= end) {
            return 0;
        }
        byte[] xmp = compressed ? inflated(file, at, end - at) : Arrays.copyOfRange(file, at, end);
        return of(xmp, 0, xmp.length);
    }

    private static byte[] inflated(byte[] file, int start, int length) {
        Inflater inflater = new Inflater();
        try {
            inflater.setInput(file, start, length);
            byte[] text = new byte[MOST_INFLATED];
            return Arrays.copyOf(text, inflater.inflate(text));
        } catch (DataFormatException e) {
            return new byte[0];
        } finally {
            inflater.end();
        }
    }
}
