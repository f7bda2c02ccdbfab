/**
 * From what an app speaks (arrays, text, chat, JSON) to what the model does, and back. Found
 * through {@link io.djlnpu.translate.NpuTranslatorFactory}.
 */
package io.djlnpu.translate;
