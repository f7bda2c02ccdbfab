"""Writes what Hugging Face's Gemma3Processor and Gemma3ForConditionalGeneration make of prompts with
several pictures, long pictures in crops, and pictures of odd shapes, into picture_prompts.json.

    pip install transformers==4.57.6 torch torchvision pillow==11.3.0 safetensors
    python make_picture_prompts.py FIXTURES

The weights are those of FastFlowLM's own bundles (q4nx/storyteller-f32-requant and
storyteller-vision-bf16 of the fixtures), decoded here to float32 and held to the digests beside them,
so that a runtime that computes in float32 on the same bundles has to answer the same. Attention is
eager; the logits are from one pass over prompt and answer without a cache.
"""

import base64
import hashlib
import json
import pathlib
import sys

import numpy as np
import PIL
import torch
import transformers
from PIL import Image
from safetensors.torch import load_file
from transformers import AutoConfig, AutoProcessor, Gemma3ForConditionalGeneration

FIXTURES = pathlib.Path(sys.argv[1])
REFERENCE = FIXTURES / "storyteller/reference"
NEW_TOKENS = 40
STOP = (1, 5)
SCALE = 3  # reference pictures have 112 pixels a side, crops at least 256


def decode(packed, rows, columns):
    """Blocks of 32 x 256: 512 bytes of scales, 512 of mins, 4096 of codes."""
    blocks = packed.numpy().view(np.uint8).reshape(rows // 32, -1, 5120)
    half = np.ascontiguousarray(blocks[..., :1024]).view("<u2").astype(np.uint32) << 16
    scales, mins = np.moveaxis(half.view(np.float32).reshape(*blocks.shape[:2], 2, 8, 32), 2, 0)
    codes = blocks[..., 1024:].reshape(*blocks.shape[:2], 2, 256, 8)
    codes = np.stack([codes & 15, codes >> 4], -1).reshape(*blocks.shape[:2], 2, 256, 16)
    codes = np.moveaxis(codes, 2, 3).reshape(*blocks.shape[:2], 8, 32, 32)  # group, column, row
    values = scales[:, :, :, None] * codes.astype(np.float32) + mins[:, :, :, None]
    values = values.reshape(*blocks.shape[:2], 256, 32)
    return np.ascontiguousarray(values.transpose(0, 3, 1, 2).reshape(rows, -1)[:, :columns])


def untile(tiled, rows, columns):
    down, across, _ = tiled.shape
    return tiled.reshape(down, across, 64, 256).transpose(1, 2).reshape(down * 64, across * 256)[:rows, :columns]


def weights(model):
    """The bundle's tensors under the names and in the order that the model has them."""
    folder = FIXTURES / "q4nx/storyteller-f32-requant"
    digests = json.loads((folder / "digest.json").read_text())["tensors"]
    text = load_file(folder / "model.q4nx")
    vision = load_file(FIXTURES / "q4nx/storyteller-vision-bf16/model.q4nx")
    loaded = {}
    for name, old in model.state_dict().items():
        plain = name.removeprefix("model.")
        if plain.startswith("language_model."):
            source = "model." + plain.removeprefix("language_model.")
        else:
            source = plain
        value = text[source] if source in text else vision[source]
        if source in text and value.dtype == torch.int8:
            decoded = decode(value, *old.shape)
            assert hashlib.sha256(decoded.tobytes()).hexdigest() == digests[source]["decoded_f32_sha256"], name
            value = torch.from_numpy(decoded)
        elif value.dim() == 3:
            turned = source.endswith("mm_input_projection_weight")
            value = untile(value, *(old.shape[::-1] if turned else old.shape))
            value = value.T if turned else value
        elif source in text and source.endswith("norm.weight") or source.endswith("mm_soft_emb_norm.weight"):
            value = value.float() - 1  # stored as 1 + w
        loaded[name] = value.float().reshape(old.shape).contiguous()
    return loaded


def load():
    config = AutoConfig.from_pretrained(FIXTURES / "storyteller/mm")
    config.tie_word_embeddings = False
    config.text_config.tie_word_embeddings = False
    config._attn_implementation = "eager"
    model = Gemma3ForConditionalGeneration(config).eval()
    model.load_state_dict(weights(model))
    model.model.language_model.embed_tokens.embed_scale.fill_(1)  # the bundle's table is scaled already
    return model


def picture(index):
    return Image.open(REFERENCE / f"images/{index}.png").convert("RGB")


def grown(index):
    image = picture(index)
    return image.resize((SCALE * image.width, SCALE * image.height), Image.NEAREST)


def row(*indices):
    """Pictures side by side, each SCALE times as large."""
    parts = [np.asarray(grown(i)) for i in indices]
    return Image.fromarray(np.concatenate(parts, axis=1))


def column(*indices):
    parts = [np.asarray(grown(i)) for i in indices]
    return Image.fromarray(np.concatenate(parts, axis=0))


def cut(index, left, top, right, bottom):
    return picture(index).crop((left, top, right, bottom))


def user(*parts):
    return {"role": "user", "content": [{"type": "image"} if p is None else {"type": "text", "text": p} for p in parts]}


def said(text):
    return {"role": "assistant", "content": [{"type": "text", "text": text}]}


ASK = "Describe the picture."
CASES = [
    ("two in one turn", [["whole", 0], ["whole", 3]], [user(None, None, ASK)], False),
    ("words between", [["whole", 1], ["whole", 2]], [user("Once upon a time", None, "and then", None, ASK)], False),
    ("two turns", [["whole", 0], ["whole", 4]], [user(None, ASK), said("There is an orange circle."), user(None, ASK)], False),
    ("six in one turn, past the window", [["whole", i] for i in range(6)], [user(*[None] * 6, ASK)], False),
    ("plain text", [["whole", 5], ["whole", 6]], "<bos>Look: <start_of_image> or <start_of_image>? There is", False),
    ("wide in three crops", [["row", 0, 1, 2]], [user(None, ASK)], True),
    ("tall in four crops", [["column", 1, 2, 3, 4]], [user(None, ASK)], True),
    ("wide and square", [["row", 3, 0], ["whole", 1]], [user(None, None, ASK)], True),
    ("wide, not cut", [["row", 0, 1, 2]], [user(None, ASK)], False),
    ("a flat one", [["cut", 0, 0, 57, 112, 62]], [user(None, ASK)], False),
    ("a thin one", [["cut", 3, 20, 3, 25, 110]], [user(None, ASK)], False),
]


def make(recipe):
    kind, *numbers = recipe
    return {"whole": picture, "row": row, "column": column, "cut": cut}[kind](*numbers)


def view(pixels):
    """SHA-256 of the 8-bit levels, [3, side, side]."""
    levels = torch.round((pixels * 0.5 + 0.5) * 255).to(torch.uint8).numpy()
    return hashlib.sha256(levels.tobytes()).hexdigest()


def floats(values):
    return base64.b64encode(values.float().numpy().astype("<f4").tobytes()).decode()


def answer(model, inputs):
    """Greedy ids, and the logits before each of them from one pass over all, without a cache."""
    before = inputs["input_ids"].shape[1]
    ids = model.generate(**inputs, max_new_tokens=NEW_TOKENS, do_sample=False, eos_token_id=list(STOP))
    made = ids[0, before:]
    types = torch.nn.functional.pad(inputs["token_type_ids"], (0, len(made)))
    out = model(input_ids=ids, token_type_ids=types, pixel_values=inputs["pixel_values"], use_cache=False)
    rows = out.logits[0, before - 1 : -1]
    assert torch.equal(rows.argmax(-1), made)
    return made.tolist(), rows


@torch.no_grad()
def main():
    processor = AutoProcessor.from_pretrained(FIXTURES / "storyteller/mm", use_fast=False)
    model = load()
    entries = []
    for name, recipes, prompt, cropped in CASES:
        text = prompt if isinstance(prompt, str) else processor.apply_chat_template(prompt, add_generation_prompt=True)
        inputs = processor(
            text=text,
            images=[make(recipe) for recipe in recipes],
            images_kwargs={"do_pan_and_scan": cropped},
            text_kwargs={"add_special_tokens": False, "return_token_type_ids": True},
            return_tensors="pt",
        )
        made, rows = answer(model, inputs)
        top = rows.topk(2).values
        entries.append(
            {
                "name": name,
                "pictures": recipes,
                "panAndScan": cropped,
                "text": text,
                "ids": inputs["input_ids"][0].tolist(),
                "views": [view(pixels) for pixels in inputs["pixel_values"]],
                "answer": made,
                "smallestMargin": float((top[:, 0] - top[:, 1]).min()),
                "logitsFirst": floats(rows[0][::8]),
                "logitsLast": floats(rows[-1][::8]),
            }
        )
        print(name, len(entries[-1]["ids"]), len(entries[-1]["views"]), entries[-1]["smallestMargin"], processor.decode(made))
    versions = {"transformers": transformers.__version__, "torch": torch.__version__, "pillow": PIL.__version__}
    lines = ",\n".join(json.dumps(entry) for entry in entries)
    with open(pathlib.Path(__file__).with_name("picture_prompts.json"), "w") as out:
        out.write(f'{{"madeWith": {json.dumps(versions)}, "cases": [\n{lines}\n]}}\n')


main()
