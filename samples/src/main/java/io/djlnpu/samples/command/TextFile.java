package io.djlnpu.samples.command;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Reads a user's text: UTF-8, with or without a byte order mark, which is no part of it. */
final class TextFile {

    private static final String BYTE_ORDER_MARK = "\uFEFF";

    private TextFile() {}

    /**
     * Reads a whole file.
     *
     * @param file the file
     * @return its text
     * @throws IOException if it cannot be read or is not UTF-8, said of the file
     */
    static String read(Path file) throws IOException {
        if (Files.isDirectory(file)) {
            throw new IOException(file + ": a folder, expected a file with text; name the file");
        }
        if (!Files.exists(file)) {
            throw new NoSuchFileException(file.toString());
        }
        return decode(Files.readAllBytes(file), file.toString());
    }

    /**
     * Decodes a text.
     *
     * @param bytes the text
     * @param name what it was read from, for the message
     * @return the text
     * @throws IOException if it is not UTF-8
     */
    static String decode(byte[] bytes, String name) throws IOException {
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        ByteBuffer read = ByteBuffer.wrap(bytes);
        try {
            String text = decoder.decode(read).toString();
            return text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text;
        } catch (CharacterCodingException e) {
            throw new IOException(
                    name
                            + ": byte "
                            + read.position()
                            + " is not UTF-8; save the text as UTF-8, or convert it with iconv",
                    e);
        }
    }
}
