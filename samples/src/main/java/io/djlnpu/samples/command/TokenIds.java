package io.djlnpu.samples.command;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Token ids as one argument, {@code 2,105,2364}.
 *
 * @param values the ids
 */
record TokenIds(int[] values) {

    static TokenIds parse(String text) {
        String[] words = text.strip().split("[,\\s]+");
        int[] ids = new int[words.length];
        for (int i = 0; i < words.length; i++) {
            try {
                ids[i] = Integer.parseInt(words[i]);
            } catch (NumberFormatException e) {
                throw new TypeConversionException(
                        "'" + words[i] + "' is no token id; expected numbers like 2,105,2364");
            }
            if (ids[i] < 0) {
                throw new TypeConversionException(ids[i] + " is no token id; expected 0 or more");
            }
        }
        return new TokenIds(ids);
    }

    /**
     * Checks that a model knows every id.
     *
     * @throws IllegalArgumentException if it does not
     */
    void checkWithin(int vocabulary) {
        for (int id : values) {
            if (id >= vocabulary) {
                throw new IllegalArgumentException(
                        "--ids: "
                                + id
                                + " is not in the vocabulary of "
                                + vocabulary
                                + "; expected 0 to "
                                + (vocabulary - 1));
            }
        }
    }

    /** For picocli, which would take an array for an option that comes several times. */
    static final class Converter implements ITypeConverter<TokenIds> {

        @Override
        public TokenIds convert(String text) {
            return parse(text);
        }
    }
}
