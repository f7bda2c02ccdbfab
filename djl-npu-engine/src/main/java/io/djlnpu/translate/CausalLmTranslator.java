package io.djlnpu.translate;

import ai.djl.modality.nlp.generate.CausalLMOutput;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.translate.NoBatchifyTranslator;
import ai.djl.translate.TranslatorContext;

/**
 * One step of DJL's own searches ({@code TextGenerator}, {@code SeqBatchScheduler}): ids,
 * positions, mask and caches in; logits, hidden states and caches out.
 */
final class CausalLmTranslator implements NoBatchifyTranslator<NDList, CausalLMOutput> {

    @Override
    public NDList processInput(TranslatorContext context, NDList input) {
        return input;
    }

    @Override
    public CausalLMOutput processOutput(TranslatorContext context, NDList list) {
        NDArray hidden = list.get(list.size() - 1);
        return new CausalLMOutput(list.head(), hidden, list.subNDList(1, list.size() - 1));
    }
}
