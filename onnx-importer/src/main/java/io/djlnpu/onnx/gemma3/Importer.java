package io.djlnpu.onnx.gemma3;

import io.djlnpu.bundle.Gemma3Config;
import io.djlnpu.bundle.Gemma3Config.VisionConfig;
import io.djlnpu.bundle.Gemma3ConfigJson;
import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import io.djlnpu.onnx.gemma3.GraphFile.Part;
import io.djlnpu.onnx.gemma3.ImportReport.ChosenFile;
import io.djlnpu.onnx.gemma3.ImportReport.Setting;
import io.djlnpu.onnx.gemma3.Landmark.Lookup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Puts a model together from the files of a folder. */
final class Importer {

    private final ModelFolder folder;
    private final ConfigSources configs;
    private final List<GraphFile> opened = new ArrayList<>();
    private final List<ChosenFile> chosen = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();

    Importer(Path path, Path configJson) throws IOException {
        this.folder = ModelFolder.of(path);
        this.configs = ConfigSources.of(folder, configJson);
    }

    Gemma3OnnxModel open() throws IOException {
        try {
            return assemble();
        } catch (Throwable e) {
            opened.forEach(GraphFile::close);
            throw e;
        }
    }

    private Gemma3OnnxModel assemble() throws IOException {
        GraphFile decoder = decoder();
        DecoderStructure structure =
                DecoderStructure.find(decoder.landmarks(), decoder.model(), warnings);
        Lookup table = structure.table();
        double scale = structure.tableScale();
        if (table == null) {
            GraphFile embedding = pick(Part.EMBEDDING);
            table = embedding == null ? null : embeddingTable(embedding);
            if (table != null) {
                scale *= embeddingScale(table, embedding);
            }
        }
        if (table == null) {
            throw new ModelFormatException(
                    Code.MISSING_FILE,
                    decoder.path()
                            + ": a decoder that takes embedded tokens, and no graph with the table"
                            + " beside it; fetch the embedding graph (embed_tokens.onnx or"
                            + " gemma-3-embedding.onnx) too");
        }
        NamedWeights named = new NamedWeights();
        WeightNames.add(structure, table, configs.untied(), named);
        ConfigFacts facts =
                ConfigFacts.of(structure, table.table(), decoder.landmarks().resolver());
        TableScale.check(scale, facts.hidden(), decoder.model().file());
        List<Setting> settings = new ArrayList<>();
        Gemma3Config config;
        if (configs.configJson() == null) {
            ConfigRecovery recovery =
                    new ConfigRecovery(decoder.model().file(), facts, configs, warnings);
            config = recovery.recover();
            settings.addAll(recovery.settings());
        } else {
            ConfigCheck check =
                    new ConfigCheck(
                            decoder.model().file(),
                            Gemma3ConfigJson.read(configs.configJson()),
                            facts,
                            warnings);
            config = check.checked(configs);
            settings.addAll(check.settings());
        }
        GraphFile vision = pick(Part.VISION);
        if (vision != null) {
            config = seeing(config, vision, named, settings);
        }
        WeightCheck.check(config, named.weights(), decoder.model().file());
        ImportReport report =
                new ImportReport(
                        Dialect.of(decoder.model(), named.roles(), chosen),
                        decoder.model().producer(),
                        chosen,
                        settings,
                        named.roles(),
                        warnings);
        return new Gemma3OnnxModel(
                List.copyOf(opened),
                named.weights(),
                config,
                report,
                folder.companions(),
                sources());
    }

    /** Adds the weights and the configuration of the vision tower. */
    private Gemma3Config seeing(
            Gemma3Config config, GraphFile vision, NamedWeights named, List<Setting> settings)
            throws IOException {
        VisionStructure tower = new VisionFinder(vision.landmarks()).find();
        VisionNames.add(tower, vision.landmarks(), named);
        GraphFile embedding = chosen(Part.EMBEDDING);
        String file = vision.model().file();
        VisionFacts facts =
                VisionFacts.of(tower, file, embedding == null ? null : embedding.landmarks());
        VisionSettings eyes = new VisionSettings(file, facts, warnings);
        VisionConfig seen =
                config.vision().isPresent()
                        ? eyes.checked(config.vision().get(), config.hiddenSize())
                        : eyes.recovered(
                                VisionTokens.of(folder), config.hiddenSize(), config.vocabSize());
        settings.addAll(eyes.settings());
        return config.withVision(Optional.of(seen));
    }

    private GraphFile chosen(Part part) {
        return opened.stream()
                .filter(file -> file.part() == part)
                .filter(file -> chosen.stream().anyMatch(c -> c.path().equals(file.path())))
                .findFirst()
                .orElse(null);
    }

    private GraphFile decoder() throws IOException {
        if (folder.chosen().isPresent()) {
            GraphFile file = open(folder.chosen().get());
            if (file.part() != Part.DECODER) {
                throw new ModelFormatException(
                        Code.UNSUPPORTED_MODEL,
                        file.path()
                                + ": the "
                                + file.part().name().toLowerCase(Locale.ROOT)
                                + " part of a model; name its folder, or the decoder");
            }
            openOthers(file.path());
            chosen.add(new ChosenFile(file.path(), "decoder", "named by the caller"));
            return file;
        }
        openOthers(null);
        GraphFile best = pick(Part.DECODER);
        if (best == null) {
            throw new ModelFormatException(
                    Code.MISSING_FILE,
                    "no decoder among the .onnx files; expected model.onnx in the folder or in its"
                            + " onnx/");
        }
        return best;
    }

    private GraphFile open(Path path) throws IOException {
        GraphFile file = new GraphFile(path);
        opened.add(file);
        return file;
    }

    private void openOthers(Path already) throws IOException {
        for (Path graph : folder.graphs()) {
            if (already == null || !Files.isSameFile(graph, already)) {
                open(graph);
            }
        }
    }

    private GraphFile pick(Part part) {
        List<GraphFile> candidates =
                opened.stream()
                        .filter(file -> file.part() == part)
                        .sorted(GraphFile.BEST_FIRST)
                        .toList();
        if (candidates.isEmpty()) {
            return null;
        }
        GraphFile best = candidates.get(0);
        String reason =
                candidates.size() == 1
                        ? "the only one"
                        : best.bits() + " bits, the most precise of " + candidates.size();
        chosen.add(new ChosenFile(best.path(), part.name().toLowerCase(Locale.ROOT), reason));
        return best;
    }

    private static Lookup embeddingTable(GraphFile file) throws IOException {
        List<Lookup> tables = file.landmarks().all(Lookup.class).toList();
        return tables.size() == 1 ? tables.get(0) : null;
    }

    private static double embeddingScale(Lookup table, GraphFile embedding) throws IOException {
        List<String> problems = new ArrayList<>();
        double scale = TableScale.of(table, embedding.landmarks(), problems);
        if (!problems.isEmpty()) {
            throw new ModelFormatException(
                    Code.UNSUPPORTED_MODEL,
                    embedding.model().file()
                            + ": not the embedding of a Gemma 3:\n  - "
                            + String.join("\n  - ", problems));
        }
        return scale;
    }

    private List<Path> sources() throws IOException {
        List<Path> files = new ArrayList<>();
        for (ChosenFile file : chosen) {
            for (GraphFile graph : opened) {
                if (graph.path().equals(file.path())) {
                    files.add(graph.path());
                    files.addAll(graph.model().dataFiles());
                }
            }
        }
        if (configs.configJson() != null) {
            files.add(configs.configJson());
        }
        folder.find("genai_config.json").ifPresent(files::add);
        files.addAll(folder.companions().values());
        return files;
    }
}
