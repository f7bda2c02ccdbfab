package io.djlnpu.samples;

import io.djlnpu.samples.command.BenchCommand;
import io.djlnpu.samples.command.CalibrateCommand;
import io.djlnpu.samples.command.ChatCommand;
import io.djlnpu.samples.command.ConvertCommand;
import io.djlnpu.samples.command.DemoCommand;
import io.djlnpu.samples.command.DoctorCommand;
import io.djlnpu.samples.command.EmbedCommand;
import io.djlnpu.samples.command.FailureReport;
import io.djlnpu.samples.command.GenerateCommand;
import io.djlnpu.samples.command.InspectCommand;
import io.djlnpu.samples.command.LogitsCommand;
import io.djlnpu.samples.command.PathConverter;
import io.djlnpu.samples.command.PerplexityCommand;
import io.djlnpu.samples.command.ServeCommand;
import io.djlnpu.samples.command.SimulateCommand;
import io.djlnpu.samples.command.UsageReport;
import io.djlnpu.samples.command.VerifyCommand;
import io.djlnpu.samples.command.Version;
import io.djlnpu.samples.failure.FailureMessage;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ScopeType;

/**
 * The command {@code npu}: Gemma 3 from ONNX to text on DJL's engine {@code NPU}, and what it costs
 * on the device.
 *
 * <p>Exit codes: 0 done, 1 the work failed, 2 wrong usage. Standard output carries the result only.
 */
@Command(
        name = "npu",
        description = "Gemma 3 from ONNX, on the NPU's dataflow kernels, through DJL.",
        mixinStandardHelpOptions = true,
        scope = ScopeType.INHERIT,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "Examples:",
            "  npu demo                        try the shipped model",
            "  npu chat --model MODEL          talk to a model of yours",
            "  npu convert ONNX BUNDLE         make a bundle for FastFlowLM",
            "",
            "npu COMMAND --help says what a command takes."
        },
        subcommands = {
            DemoCommand.class,
            CalibrateCommand.class,
            ConvertCommand.class,
            InspectCommand.class,
            VerifyCommand.class,
            GenerateCommand.class,
            ChatCommand.class,
            LogitsCommand.class,
            PerplexityCommand.class,
            EmbedCommand.class,
            BenchCommand.class,
            SimulateCommand.class,
            ServeCommand.class,
            DoctorCommand.class,
            AutoComplete.GenerateCompletion.class
        })
public final class Npu {

    private Npu() {}

    /**
     * Returns the parser with every subcommand, ready to execute.
     *
     * @return a new command line
     */
    public static CommandLine commandLine() {
        CommandLine line = new CommandLine(new Npu());
        line.setExecutionExceptionHandler(new FailureReport());
        line.setParameterExceptionHandler(new UsageReport());
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setExpandAtFiles(false); // a prompt may begin with an @
        line.registerConverter(Path.class, new PathConverter());
        // picocli forgives a help command everything, unknown options too
        line.getSubcommands().get("generate-completion").getCommandSpec().helpCommand(false);
        return line;
    }

    /**
     * Runs one command and exits with its code.
     *
     * @param arguments the command and its options
     */
    public static void main(String[] arguments) {
        CommandLine line = commandLine();
        line.setOut(utf8(FileDescriptor.out));
        line.setErr(utf8(FileDescriptor.err));
        int code = line.execute(arguments);
        if (line.getOut().checkError() && code == 0) {
            line.getErr().println("npu: " + FailureMessage.LOST_OUTPUT);
            code = 1;
        }
        line.getErr().flush();
        System.exit(code);
    }

    /** Texts are UTF-8 whatever the platform's default is. */
    private static PrintWriter utf8(FileDescriptor descriptor) {
        return new PrintWriter(
                new OutputStreamWriter(new FileOutputStream(descriptor), StandardCharsets.UTF_8),
                true);
    }
}
