/** What a graph says about the configuration, and how it is held against the files beside it. */
package io.djlnpu.onnx.configuration;
