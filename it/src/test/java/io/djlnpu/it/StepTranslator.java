package io.djlnpu.it;

import ai.djl.modality.nlp.generate.CausalLMOutput;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.translate.NoBatchifyTranslator;
import ai.djl.translate.TranslatorContext;

/**
 * What an app has to write to run DJL's searches over an exported Gemma 3 on ONNX Runtime: inputs
 * by the graph's names, empty caches at the first step.
 */
final class StepTranslator implements NoBatchifyTranslator<NDList, CausalLMOutput> {

    private final int layers;
    private final int kvHeads;
    private final int headDim;

    StepTranslator(int layers, int kvHeads, int headDim) {
        this.layers = layers;
        this.kvHeads = kvHeads;
        this.headDim = headDim;
    }

    @Override
    public NDList processInput(TranslatorContext context, NDList input) {
        NDManager manager = input.head().getManager();
        NDList list = new NDList();
        list.add(named(input.get(0), "input_ids"));
        list.add(named(input.get(2), "attention_mask"));
        long batch = input.head().getShape().get(0);
        for (int i = 0; i < 2 * layers; i++) {
            String name = "past_key_values." + i / 2 + (i % 2 == 0 ? ".key" : ".value");
            NDArray cache =
                    input.size() > 3
                            ? input.get(3 + i)
                            : manager.create(new Shape(batch, kvHeads, 0, headDim));
            list.add(named(cache, name));
        }
        return list;
    }

    private static NDArray named(NDArray array, String name) {
        array.setName(name);
        return array;
    }

    @Override
    public CausalLMOutput processOutput(TranslatorContext context, NDList list) {
        return new CausalLMOutput(list.head(), null, list.subNDList(1, 1 + 2 * layers));
    }
}
