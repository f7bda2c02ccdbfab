package io.djlnpu.samples.command;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads {@code 2,105,2364} as token ids. */
final class TokenIds implements ITypeConverter<int[]> {

    @Override
    public int[] convert(String text) {
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
        return ids;
    }
}
