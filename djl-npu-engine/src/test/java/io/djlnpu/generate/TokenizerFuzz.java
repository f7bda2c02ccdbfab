package io.djlnpu.generate;

import io.djlnpu.format.ModelFormatException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** The tokenizer's readers, for what makes up inputs. */
public final class TokenizerFuzz {

    private TokenizerFuzz() {}

    /** Reads a file as the native library would get it. */
    public static void read(Path file) throws IOException {
        try {
            TokenizerFile.read(file);
        } catch (ModelFormatException e) {
            // refused
        }
    }

    /** Reads an expression. */
    public static void expression(byte[] input) {
        try {
            SafeExpression.check(new String(input, StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
            // refused
        }
    }
}
