package io.djlnpu.samples.command;

import io.djlnpu.serve.NpuServer;
import io.djlnpu.serve.ServerOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Serves models over HTTP until it is ended. */
@Command(
        name = "serve",
        description = "Serves models over HTTP to clients of OpenAI, Ollama and llama-server.")
public final class ServeCommand extends NpuCommand {

    @Option(
            names = {"-m", "--model"},
            required = true,
            paramLabel = "[NAME=]MODEL",
            description =
                    "bundle folder, ONNX model folder, or one .onnx file, and the name it is asked"
                            + " for by (default: the file's); may be given several times")
    private List<String> models;

    @Option(
            names = "--host",
            paramLabel = "H",
            description = "address to listen at (default: ${DEFAULT-VALUE}, this machine alone)")
    private String host = ServerOptions.DEFAULTS.host();

    @Option(
            names = "--port",
            paramLabel = "P",
            description = "port to listen at, 0 for a free one (default: ${DEFAULT-VALUE})")
    private int port = ServerOptions.DEFAULTS.port();

    @Option(
            names = "--api-key-file",
            paramLabel = "F",
            description = "file with a key in each line, of which clients must send one")
    private Path apiKeyFile;

    @Option(
            names = "--parallel",
            paramLabel = "N",
            description = "answers that are computed at once (default: ${DEFAULT-VALUE})")
    private int parallel = ServerOptions.DEFAULTS.parallel();

    @Option(
            names = "--queue",
            paramLabel = "N",
            description = "requests that may wait for them (default: ${DEFAULT-VALUE})")
    private int queue = ServerOptions.DEFAULTS.queue();

    @Option(
            names = "--cors",
            paramLabel = "ORIGIN",
            description = "origin of web pages that may ask, * for all (default: none)")
    private String cors;

    /** Made by picocli. */
    public ServeCommand() {}

    @Override
    int run(Console console) throws Exception {
        ServerOptions defaults = ServerOptions.DEFAULTS;
        List<String> keys = keys();
        ServerOptions options =
                usable(
                        () ->
                                new ServerOptions(
                                        host,
                                        port,
                                        keys,
                                        parallel,
                                        queue,
                                        cors,
                                        defaults.maxBody(),
                                        defaults.idle()));
        Map<String, Path> named = named();
        if (keys.isEmpty() && !InetAddress.getByName(host).isLoopbackAddress()) {
            console.hint("anybody who reaches " + host + " may ask; --api-key-file asks for a key");
        }
        CountDownLatch ended = new CountDownLatch(1);
        try (NpuServer server = new NpuServer(options)) {
            Thread hook = new Thread(server::close, "npu-serve-end");
            Runtime.getRuntime().addShutdownHook(hook);
            server.load(named, common.threads);
            console.result(
                    Map.of("ready", server.uri().toString()),
                    out -> out.println("ready " + server.uri()));
            console.flush();
            ended.await(); // only the end of the program ends it
        }
        return 0;
    }

    private List<String> keys() throws IOException {
        if (apiKeyFile == null) {
            return List.of();
        }
        List<String> keys =
                TextFile.read(apiKeyFile)
                        .lines()
                        .map(String::strip)
                        .filter(k -> !k.isEmpty())
                        .toList();
        if (keys.isEmpty()) {
            throw misuse("--api-key-file " + apiKeyFile + ": no key in it");
        }
        return keys;
    }

    /** A path may hold an equals sign; a name holds no separator. */
    private Map<String, Path> named() {
        Map<String, Path> named = new LinkedHashMap<>();
        for (String model : models) {
            int equals = model.indexOf('=');
            boolean plain =
                    equals < 1
                            || model.substring(0, equals).contains("/")
                            || Files.exists(Path.of(model));
            Path path = Path.of(plain ? model : model.substring(equals + 1));
            String file = path.toAbsolutePath().normalize().getFileName().toString();
            String name = plain ? file.replaceFirst("\\.onnx$", "") : model.substring(0, equals);
            if (named.put(name, path) != null) {
                throw misuse("two models are named '" + name + "'; write NAME=MODEL");
            }
        }
        return named;
    }
}
