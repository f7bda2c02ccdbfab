package io.djlnpu.bundle;

import io.djlnpu.format.ModelFormatException;
import io.djlnpu.format.ModelFormatException.Code;
import java.util.List;
import java.util.regex.Pattern;

/** Refuses a decoder whose layers are others than attention with grouped queries and one MLP. */
final class DenseCheck {

    /** How many MLPs a layer has, of which a token takes some. */
    private static final Pattern EXPERTS =
            Pattern.compile("(.*_)?(num|n)_((local|routed)_)?experts");

    /** Other attention, or none in some layers. */
    private static final List<String> OTHER_LAYERS =
            List.of("kv_lora_rank", "attn_layer_period", "layers_block_type", "ssm_cfg");

    private DenseCheck() {}

    static void check(ConfigReader text) throws ModelFormatException {
        for (String key : text.keys()) {
            if (EXPERTS.matcher(key).matches() && text.number(key, 1) > 1) {
                throw text.error(
                        Code.UNSUPPORTED_MODEL,
                        "%.0f experts ('%s'); only dense decoders are known"
                                .formatted(text.number(key, 1), key));
            }
        }
        for (String key : OTHER_LAYERS) {
            if (text.has(key)) {
                throw text.error(
                        Code.UNSUPPORTED_MODEL,
                        "'%s': only layers of attention with grouped queries are known"
                                .formatted(key));
            }
        }
    }
}
