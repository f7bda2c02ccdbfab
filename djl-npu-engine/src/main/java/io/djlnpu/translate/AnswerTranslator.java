package io.djlnpu.translate;

import ai.djl.inference.streaming.StreamingTranslator;
import ai.djl.ndarray.NDList;
import ai.djl.translate.NoBatchifyTranslator;
import ai.djl.translate.TranslatorContext;
import java.util.stream.Stream;

/**
 * What all translators of requests in words share: no arrays pass through the block, the answer is
 * written behind it. Predicting writes it whole or hands it out as it comes, as the output type
 * says; streaming hands it out as it comes.
 *
 * @param <I> the request
 * @param <O> the answer
 */
abstract class AnswerTranslator<I, O>
        implements NoBatchifyTranslator<I, O>, StreamingTranslator<I, O> {

    private static final String REQUEST = "npu.request";

    /** Holds the request until the block, which has nothing to do, has been passed. */
    private record Request<I>(I input) {}

    @Override
    public NDList processInput(TranslatorContext context, I input) {
        context.setAttachment(REQUEST, new Request<>(input));
        return new NDList();
    }

    @Override
    public O processOutput(TranslatorContext context, NDList list) throws Exception {
        return whole(input(context), new NpuMetrics(context.getMetrics()));
    }

    @Override
    public StreamOutput<O> processStreamOutput(TranslatorContext context, Stream<NDList> list)
            throws Exception {
        I input = input(context);
        list.close(); // frees the context; nothing of it is needed any more
        return stream(input);
    }

    @SuppressWarnings("unchecked")
    private I input(TranslatorContext context) {
        return ((Request<I>) context.getAttachment(REQUEST)).input();
    }

    abstract O whole(I input, NpuMetrics metrics) throws Exception;

    abstract StreamOutput<O> stream(I input) throws Exception;

    /** An answer that is there, or that the caller pulls: the same however it is asked for. */
    static <O> StreamOutput<O> ready(O output) {
        return new StreamOutput<>() {
            @Override
            protected O buildAsyncOutput() {
                return output;
            }

            @Override
            protected void computeAsyncOutputInternal(O asyncOutput) {
                // whoever has the answer computes it
            }

            @Override
            public O getIterativeOutputInternal() {
                return output;
            }
        };
    }

    @Override
    public Support getSupport() {
        return Support.ITERATIVE;
    }
}
