package io.djlnpu.onnx.decoder;

import io.djlnpu.onnx.OnnxModel;
import io.djlnpu.onnx.OnnxNode;
import io.djlnpu.onnx.report.ImportReport.ChosenFile;
import io.djlnpu.onnx.report.ImportReport.Role;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Which exporter's form a model has, in words. It is told from the operators first; what the file
 * says about its producer only names what the operators leave open, and nothing depends on it.
 */
final class Dialect {

    private Dialect() {}

    static String of(OnnxModel decoder, List<Role> roles, List<ChosenFile> files) {
        StringBuilder text = new StringBuilder(exporter(decoder));
        text.append(", ").append(forms(roles));
        List<String> parts =
                files.stream().map(ChosenFile::part).filter(p -> !p.equals("decoder")).toList();
        if (!parts.isEmpty()) {
            text.append(", ").append(String.join(" and ", parts)).append(" in graphs of their own");
        }
        return text.toString();
    }

    private static String exporter(OnnxModel decoder) {
        Set<String> operators = new HashSet<>();
        for (OnnxNode node : decoder.graph().nodes()) {
            operators.add(node.operator());
        }
        String producer = decoder.producer();
        boolean fused = operators.contains("GroupQueryAttention");
        if (fused && operators.contains("SkipSimplifiedLayerNormalization")) {
            return "ONNX Runtime GenAI's model builder";
        }
        if (fused && operators.contains("SimplifiedLayerNormalization")) {
            return producer.startsWith("onnxruntime-genai")
                    ? "ONNX Runtime GenAI's model builder"
                    : "onnx-community's builder";
        }
        if (operators.contains("Attention") || operators.contains("RMSNormalization")) {
            return "standard operators of opset 23 or later";
        }
        if (operators.contains("Softmax")) {
            boolean dynamo =
                    decoder.graph().nodes().stream().anyMatch(n -> n.name().startsWith("node_"));
            return dynamo ? "PyTorch's dynamo exporter" : "PyTorch's tracing exporter (optimum)";
        }
        return producer.isBlank() ? "an unnamed exporter" : producer;
    }

    /** How the projections are stored, the most frequent form first. */
    private static String forms(List<Role> roles) {
        Map<String, Long> count =
                roles.stream()
                        .filter(role -> role.name().contains("_proj."))
                        .collect(
                                Collectors.groupingBy(
                                        Role::form, TreeMap::new, Collectors.counting()));
        return count.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                .map(Map.Entry::getKey)
                .collect(Collectors.joining(" and "));
    }
}
