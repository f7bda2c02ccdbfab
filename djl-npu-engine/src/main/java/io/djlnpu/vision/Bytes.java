package io.djlnpu.vision;

import io.djlnpu.vision.ImageFormatException.Code;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A file in memory whose reads are checked. Big endian unless a method says otherwise. */
record Bytes(byte[] file, String name) {

    int length() {
        return file.length;
    }

    int unsignedByte(int at) throws ImageFormatException {
        if (at < 0 || at >= file.length) {
            throw new ImageFormatException(
                    Code.TRUNCATED,
                    "%s: ends at byte %d, expected more; copy it again"
                            .formatted(name, file.length));
        }
        return file[at] & 0xff;
    }

    int unsignedShort(int at) throws ImageFormatException {
        return unsignedByte(at) << 8 | unsignedByte(at + 1);
    }

    int unsignedShortLittle(int at) throws ImageFormatException {
        return unsignedByte(at) | unsignedByte(at + 1) << 8;
    }

    long unsignedInt(int at) throws ImageFormatException {
        return (long) unsignedShort(at) << 16 | unsignedShort(at + 2);
    }

    long unsignedIntLittle(int at) throws ImageFormatException {
        return unsignedShortLittle(at) | (long) unsignedShortLittle(at + 2) << 16;
    }

    /** Four letters that name a chunk. */
    String tag(int at) throws ImageFormatException {
        unsignedByte(at + 3);
        return new String(file, at, 4, StandardCharsets.ISO_8859_1);
    }

    boolean startsWith(int at, byte[] expected) {
        return file.length - at >= expected.length
                && Arrays.equals(file, at, at + expected.length, expected, 0, expected.length);
    }

    ImageFormatException malformed(String what) {
        return new ImageFormatException(
                Code.MALFORMED, "%s: %s; the file is damaged".formatted(name, what));
    }
}
