package io.djlnpu.samples.command;

import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Where a prompt comes from: exactly one of its options, or standard input. */
final class PromptSource {

    private static final Path STANDARD_INPUT = Path.of("-");

    @Option(
            names = {"-p", "--prompt"},
            paramLabel = "T",
            description = "the prompt; without any, standard input if it is not a terminal")
    private String text;

    @Option(
            names = "--prompt-file",
            paramLabel = "F",
            description = "file with the prompt; - is standard input")
    private Path file;

    @Option(
            names = "--ids",
            paramLabel = "2,105,...",
            converter = TokenIds.Converter.class,
            description = "the prompt's token ids; bypasses the tokenizer")
    private TokenIds ids;

    /** The prompt of standard input, if the launcher says that somebody may have put one there. */
    static PromptSource ofPipe() {
        PromptSource source = new PromptSource();
        source.file = Boolean.getBoolean("npu.piped") ? STANDARD_INPUT : null;
        return source;
    }

    boolean isMissing() {
        return text == null && file == null && ids == null;
    }

    /** The token ids; null for a prompt in words. */
    TokenIds ids() {
        return ids;
    }

    /** The words of the prompt; the newline that ends a file is not one of them. */
    String read() throws IOException {
        if (text != null) {
            return text;
        }
        String read =
                file.equals(STANDARD_INPUT)
                        ? TextFile.decode(System.in.readAllBytes(), "standard input")
                        : TextFile.read(file);
        return read.replaceFirst("\\R\\z", "");
    }
}
