package io.djlnpu.generate.grammar;

import java.util.BitSet;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Reads {@code \p{...}}: general categories of Unicode, by their short or long names. */
final class UnicodeProperties {

    private static final Map<String, String> LONG_NAMES =
            Map.of(
                    "Letter", "L",
                    "Uppercase_Letter", "Lu",
                    "Lowercase_Letter", "Ll",
                    "Number", "N",
                    "Decimal_Number", "Nd",
                    "Punctuation", "P",
                    "Symbol", "S",
                    "Separator", "Z",
                    "Mark", "M");

    /** Categories in the order of the constants of {@link Character}. */
    private static final String[] CATEGORIES = {
        "Cn", "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Me", "Mc", "Nd", "Nl", "No", "", "Zs", "Zl",
                "Zp",
        "Cc", "Cf", "", "Co", "Cs", "Pd", "Ps", "Pe", "Pc", "Po", "Sm", "Sc", "Sk", "So", "Pi", "Pf"
    };

    private static final Map<String, BitSet> KNOWN = new ConcurrentHashMap<>();

    private UnicodeProperties() {}

    /** Reads what follows {@code \p}. */
    static BitSet read(ExpressionText text) {
        StringBuilder name = new StringBuilder();
        if (text.take("{")) {
            while (!text.take("}")) {
                name.appendCodePoint(text.next());
            }
        }
        String stated = name.toString().replaceFirst("^(gc|General_Category)=", "");
        String category = LONG_NAMES.getOrDefault(stated, stated);
        if (!category.matches("[LMNPSZC][a-z]?")) {
            throw text.refused("\\p{" + name + "}", "list the characters that it means");
        }
        return (BitSet) KNOWN.computeIfAbsent(category, UnicodeProperties::of).clone();
    }

    private static BitSet of(String category) {
        BitSet set = new BitSet();
        for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
            if (CATEGORIES[Character.getType(c)].startsWith(category)) {
                set.set(c);
            }
        }
        return set;
    }
}
