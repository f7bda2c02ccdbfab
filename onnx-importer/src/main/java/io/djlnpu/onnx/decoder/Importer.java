package io.djlnpu.onnx.decoder;

import io.djlnpu.bundle.DecoderSpec;
import io.djlnpu.bundle.EmbeddingHead;
import io.djlnpu.bundle.EmbeddingHead.DenseLayer;
import io.djlnpu.bundle.EmbeddingHead.Pooling;
import io.djlnpu.bundle.Family;
import io.djlnpu.bundle.LayerStyle;
import io.djlnpu.bundle.SentenceModules;
import io.djlnpu.bundle.VisionSpec;
import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import io.djlnpu.onnx.check.DecoderCheck;
import io.djlnpu.onnx.check.Refusals;
import io.djlnpu.onnx.configuration.ConfigCheck;
import io.djlnpu.onnx.configuration.ConfigFacts;
import io.djlnpu.onnx.configuration.ConfigRecovery;
import io.djlnpu.onnx.configuration.ConfigSources;
import io.djlnpu.onnx.files.GraphFile;
import io.djlnpu.onnx.files.GraphFile.Part;
import io.djlnpu.onnx.files.ModelFolder;
import io.djlnpu.onnx.files.OpenedGraphs;
import io.djlnpu.onnx.naming.NamedWeights;
import io.djlnpu.onnx.naming.TableScale;
import io.djlnpu.onnx.naming.WeightCheck;
import io.djlnpu.onnx.naming.WeightNames;
import io.djlnpu.onnx.report.ImportReport;
import io.djlnpu.onnx.report.ImportReport.ChosenFile;
import io.djlnpu.onnx.report.ImportReport.Setting;
import io.djlnpu.onnx.structure.DecoderEnd;
import io.djlnpu.onnx.structure.DecoderStructure;
import io.djlnpu.onnx.structure.Landmark.Lookup;
import io.djlnpu.onnx.vision.VisionFacts;
import io.djlnpu.onnx.vision.VisionFinder;
import io.djlnpu.onnx.vision.VisionNames;
import io.djlnpu.onnx.vision.VisionSettings;
import io.djlnpu.onnx.vision.VisionStructure;
import io.djlnpu.onnx.vision.VisionTokens;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Puts a model together from the files of a folder. */
final class Importer {

    private final ModelFolder folder;
    private final ConfigSources configs;
    private final List<String> warnings = new ArrayList<>();
    private final OpenedGraphs graphs = new OpenedGraphs(warnings);
    private SentenceModules modules;

    Importer(Path path, Path configJson) throws IOException {
        this.folder = ModelFolder.of(path);
        this.configs = ConfigSources.of(folder, configJson);
    }

    OnnxDecoder open() throws IOException {
        try {
            return assemble();
        } catch (Throwable e) {
            graphs.close();
            if (modules != null) {
                modules.close();
            }
            throw e;
        }
    }

    private OnnxDecoder assemble() throws IOException {
        GraphFile decoder = decoder();
        DecoderCheck checked = DecoderCheck.find(decoder.landmarks(), decoder.model(), warnings);
        DecoderStructure structure = checked.structure();
        Lookup table = structure.table();
        double scale = checked.tableScale();
        if (table == null) {
            GraphFile embedding = graphs.pick(Part.EMBEDDING);
            table = embedding == null ? null : embeddingTable(embedding);
            if (table != null) {
                scale *= embeddingScale(table, embedding);
            }
        }
        if (table == null) {
            throw graphs.missing(
                    decoder.path()
                            + ": a decoder that takes embedded tokens, and no graph with the table"
                            + " beside it; fetch the embedding graph (embed_tokens.onnx or"
                            + " gemma-3-embedding.onnx) too");
        }
        // sizes are bounded before anything is read
        String file = decoder.model().file();
        DecoderSpec stated =
                configs.configJson() == null ? null : Family.read(configs.configJson());
        int headDim = stated != null ? stated.headDim() : configs.headDim();
        ConfigFacts facts =
                ConfigFacts.of(structure, table.table(), decoder.landmarks().resolver(), headDim);
        LayerStyle style = style(checked, facts, scale);
        Family family = family(stated, style, structure, file);
        List<Setting> settings = new ArrayList<>();
        DecoderSpec config;
        if (stated == null) {
            ConfigRecovery recovery = new ConfigRecovery(file, family, facts, configs, warnings);
            config = recovery.recover();
            settings.addAll(recovery.settings());
        } else {
            ConfigCheck check = new ConfigCheck(file, stated, facts, configs, warnings);
            config = check.checked(style, structure.isEmbedding());
            settings.addAll(check.settings());
        }
        TableScale.check(scale, facts.hidden(), style.scaledEmbedding(), file);
        NamedWeights named = new NamedWeights();
        WeightNames.add(structure, table, family, configs.untied(), named, warnings);
        if (structure.isEmbedding()) {
            config = config.withEmbedding(Optional.of(embedding(structure.end())));
        }
        warnings.addAll(decoder.landmarks().repairs());
        GraphFile vision = graphs.pick(Part.VISION);
        if (vision != null) {
            config = seeing(config, vision, named, settings);
        }
        graphs.reportFailed();
        WeightCheck.check(config, named.weights(), file);
        ImportReport report =
                new ImportReport(
                        Dialect.of(decoder.model(), named.roles(), graphs.chosen()),
                        decoder.model().producer(),
                        graphs.chosen(),
                        settings,
                        named.roles(),
                        warnings);
        return new OnnxDecoder(
                List.copyOf(graphs.all()),
                named.weights(),
                config,
                report,
                folder.companions(),
                sources(),
                modules);
    }

    /**
     * What the graph's layers compute; the root of the width is told from no factor by its size.
     */
    private static LayerStyle style(DecoderCheck checked, ConfigFacts facts, double scale) {
        DecoderStructure structure = checked.structure();
        return new LayerStyle(
                structure.norms(),
                structure.headNorms(),
                checked.activation(),
                facts.epsilon(),
                facts.headDim(),
                TableScale.isScaled(scale, facts.hidden(), structure.norms()));
    }

    /** From the graph where it pools, else from the modules beside it. */
    private EmbeddingHead embedding(DecoderEnd end) throws IOException {
        Map<String, String> prompts = new LinkedHashMap<>();
        for (Path place : folder.places()) {
            SentenceModules.prompts(place).forEach(prompts::putIfAbsent);
            if (!end.pooled() && modules == null && SentenceModules.in(place)) {
                modules = SentenceModules.open(place);
            }
        }
        if (modules != null) {
            return modules.head().withPrompts(prompts);
        }
        List<DenseLayer> dense =
                end.dense().stream()
                        .map(d -> new DenseLayer(d.weight().columns(), d.weight().rows()))
                        .toList();
        return new EmbeddingHead(Pooling.MEAN, dense, !end.pooled() || end.normalised(), prompts);
    }

    private static Family family(
            DecoderSpec stated, LayerStyle style, DecoderStructure structure, String file)
            throws ModelFormatException {
        if (stated != null) {
            return Family.named(stated.family());
        }
        Optional<Family> found = Family.ofStyle(style, structure.isEmbedding());
        if (found.isEmpty()) {
            throw new ModelFormatException(
                    Code.UNSUPPORTED_MODEL,
                    "%s: layers with %d norms each, %s norms of query and key heads and a gate through %s, a table that is %s and %s: no family that is run has such; run: %s"
                            .formatted(
                                    file,
                                    style.norms().count(),
                                    style.headNorms() ? "with" : "without",
                                    style.activation().key(),
                                    style.scaledEmbedding() ? "scaled" : "taken as it is",
                                    structure.isEmbedding() ? "no head" : "a head",
                                    Family.runNames()));
        }
        return found.get();
    }

    /** Adds the vision tower; a broken one only hinders who asked for the whole folder. */
    private DecoderSpec seeing(
            DecoderSpec config, GraphFile vision, NamedWeights named, List<Setting> settings)
            throws IOException {
        NamedWeights tower = new NamedWeights();
        VisionSettings eyes;
        DecoderSpec seen;
        try {
            VisionStructure structure = new VisionFinder(vision.landmarks()).find();
            VisionNames.add(structure, vision.landmarks(), tower);
            WeightCheck.readable(tower.weights(), vision.model().file());
            GraphFile embedding = graphs.chosen(Part.EMBEDDING);
            VisionFacts facts =
                    VisionFacts.of(
                            structure,
                            vision.model().file(),
                            embedding == null ? null : embedding.landmarks());
            eyes = new VisionSettings(vision.model().file(), facts, warnings);
            seen = config.withVision(Optional.of(settled(eyes, config)));
        } catch (ModelFormatException e) {
            if (folder.chosen().isEmpty()) {
                throw e;
            }
            graphs.leaveOut(vision);
            warnings.add("the model will not see: " + e.getMessage());
            return config.withoutVision();
        }
        named.addAll(tower);
        settings.addAll(eyes.settings());
        return seen;
    }

    private VisionSpec settled(VisionSettings eyes, DecoderSpec config) throws IOException {
        return config.vision().isPresent()
                ? eyes.checked(config.vision().get(), config.hiddenSize())
                : eyes.recovered(VisionTokens.of(folder), config.hiddenSize(), config.vocabSize());
    }

    private GraphFile decoder() throws IOException {
        if (folder.chosen().isPresent()) {
            GraphFile file = graphs.open(folder.chosen().get());
            if (file.part() != Part.DECODER) {
                throw new ModelFormatException(
                        Code.UNSUPPORTED_MODEL,
                        file.path()
                                + ": the "
                                + file.part().name().toLowerCase(Locale.ROOT)
                                + " part of a model; name its folder, or the decoder");
            }
            openOthers(file.path());
            graphs.choose(file, "named by the caller");
            return file;
        }
        openOthers(null);
        GraphFile best = graphs.pick(Part.DECODER);
        if (best == null) {
            throw graphs.missing(
                    "no decoder among the .onnx files; expected model.onnx in the folder or in its"
                            + " onnx/");
        }
        return best;
    }

    private void openOthers(Path already) throws IOException {
        for (Path graph : folder.graphs()) {
            if (already == null || !Files.isSameFile(graph, already)) {
                graphs.tryOpen(graph);
            }
        }
    }

    private static Lookup embeddingTable(GraphFile file) throws IOException {
        List<Lookup> tables = file.landmarks().all(Lookup.class).toList();
        if (tables.size() > 1) {
            throw new ModelFormatException(
                    Code.UNSUPPORTED_MODEL,
                    file.path()
                            + ": "
                            + tables.size()
                            + " tables ("
                            + Refusals.listed(tables.stream().map(Lookup::node).toList())
                            + "), expected one of tokens; Gemma 3n has more, Gemma 3 does not");
        }
        return tables.isEmpty() ? null : tables.get(0);
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
        for (ChosenFile file : graphs.chosen()) {
            for (GraphFile graph : graphs.all()) {
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
        if (modules != null) {
            files.addAll(modules.files());
        }
        files.addAll(folder.companions().values());
        return files;
    }
}
