/**
 * The safetensors container: a JSON header that names byte ranges, and the bytes.
 *
 * <p>Files are mapped into memory and checked completely before the first tensor is handed out;
 * writers stream to a temporary file and rename it when every byte is there.
 */
package io.djlnpu.safetensors;
