package io.djlnpu.template;

/**
 * A piece of a template.
 *
 * @param text a name, an operator, data between tags, or a string's own characters
 * @param value a number's value, else null
 * @param line where it begins
 */
record Token(Type type, String text, Value value, int line) {

    /** Kinds of pieces. */
    enum Type {
        DATA,
        BLOCK_BEGIN,
        BLOCK_END,
        VARIABLE_BEGIN,
        VARIABLE_END,
        NAME,
        STRING,
        INTEGER,
        FLOAT,
        OPERATOR,
        END
    }

    boolean isOperator(String operator) {
        return type == Type.OPERATOR && text.equals(operator);
    }

    boolean isName(String name) {
        return type == Type.NAME && text.equals(name);
    }

    /** What it is called in a message. */
    String described() {
        return switch (type) {
            case DATA -> "text";
            case BLOCK_BEGIN -> "'{%'";
            case BLOCK_END -> "'%}'";
            case VARIABLE_BEGIN -> "'{{'";
            case VARIABLE_END -> "'}}'";
            case NAME, OPERATOR -> "'" + text + "'";
            case STRING -> "a string";
            case INTEGER, FLOAT -> "a number";
            case END -> "the end of the template";
        };
    }
}
