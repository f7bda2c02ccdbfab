package io.djlnpu.samples.command;

import io.djlnpu.decoder.DecoderSession;
import io.djlnpu.safetensors.DataType;
import io.djlnpu.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Writes the logits of one forward pass, for comparing. */
@Command(
        name = "logits",
        description =
                "Runs one forward pass and writes its logits as a float32 tensor 'logits' of shape"
                        + " [tokens, vocab].")
public final class LogitsCommand extends NpuCommand {

    @Mixin private ModelOptions model;

    @Option(
            names = "--ids",
            required = true,
            paramLabel = "2,105,...",
            converter = TokenIds.Converter.class,
            description = "token ids")
    private TokenIds ids;

    @Option(names = "--out", required = true, paramLabel = "F", description = "safetensors file")
    private Path out;

    /** Made by picocli. */
    public LogitsCommand() {}

    /** The JSON result. */
    private record Result(int tokens, int vocab, String out) {}

    @Override
    int run(Console console) throws IOException {
        OutputPath.checkFile(out);
        try (LoadedModel loaded = LoadedModel.open(model, common, console);
                DecoderSession session = loaded.model().newSession()) {
            int vocab = loaded.model().config().vocabSize();
            ids.checkWithin(vocab);
            write(session, vocab);
            Result result = new Result(ids.values().length, vocab, out.toString());
            console.result(
                    result,
                    text -> text.println(out + ": [" + ids.values().length + ", " + vocab + "]"));
            return 0;
        }
    }

    private void write(DecoderSession session, int vocab) throws IOException {
        ByteBuffer row = ByteBuffer.allocate(vocab * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        try (SafetensorsWriter writer =
                new SafetensorsWriter(
                        out,
                        List.of(
                                new SafetensorsWriter.Declaration(
                                        "logits", DataType.F32, ids.values().length, vocab)))) {
            session.prefillAll(
                    ids.values(),
                    (index, logits) -> {
                        row.clear().asFloatBuffer().put(logits, 0, vocab);
                        try {
                            writer.write(row.limit(vocab * Float.BYTES));
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    });
            writer.commit();
        }
    }
}
