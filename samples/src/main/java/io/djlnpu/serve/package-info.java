/**
 * The HTTP server of {@code npu serve}: OpenAI's, Ollama's and llama-server's requests, passed on
 * to DJL's predictors.
 */
package io.djlnpu.serve;
