package io.djlnpu.samples.command;

import io.djlnpu.onnx.gemma3.ImportReport;
import java.util.Map;
import java.util.stream.Collectors;

/** Which exporter's form a model has, in words. */
final class Dialect {

    private Dialect() {}

    /**
     * What the importer says; where it says nothing, who wrote the file and how weights are kept.
     */
    static String of(ImportReport report) {
        if (!report.dialect().isBlank()) {
            return report.dialect();
        }
        String producer = report.producer().isBlank() ? "unnamed exporter" : report.producer();
        String form =
                report.roles().stream()
                        .filter(role -> role.name().contains("_proj."))
                        .collect(
                                Collectors.groupingBy(
                                        ImportReport.Role::form, Collectors.counting()))
                        .entrySet()
                        .stream()
                        .max(Map.Entry.comparingByValue())
                        .map(Map.Entry::getKey)
                        .map(found -> ", " + found)
                        .orElse("");
        long graphs = report.files().stream().map(ImportReport.ChosenFile::path).distinct().count();
        return producer + form + (graphs > 1 ? ", " + graphs + " graphs" : "");
    }
}
