/**
 * Recognises a Gemma 3 in an ONNX graph, whoever exported it.
 *
 * <p>A graph is reduced to landmarks (projections, norms, attention, table lookups); what lies
 * between them is plumbing that differs from exporter to exporter and is walked through unread. The
 * roles of the weights follow from how landmarks are connected, checked by their shapes and, where
 * names say something, by names. The configuration comes from {@code config.json} or from the
 * graph, and each value says where it was found.
 */
package io.djlnpu.onnx.gemma3;
