"""Reading YAML: plain values without the surprises of YAML 1.1, a line for each, and clear refusals."""

import pytest

from bot.policy.errors import PolicyError
from bot.policy.yaml_source import read_yaml


def test_plain_values_are_what_they_look_like() -> None:
    text = "a: NO\nb: 06:00\nc: 12\nd: -0.5\ne: true\nf: ~\ng:\nh: '12'\ni: 2026-01-01\nj: on\nk: 010\nl: null\n"
    assert read_yaml(text, "x.yml").data == {
        "a": "NO",
        "b": "06:00",
        "c": 12,
        "d": -0.5,
        "e": True,
        "f": None,
        "g": None,
        "h": "12",
        "i": "2026-01-01",
        "j": "on",
        "k": "010",
        "l": None,
    }


def test_the_place_of_a_value_is_the_line_of_its_key_or_of_its_list_entry() -> None:
    source = read_yaml("a:\n  b:\n    - c: 1\n\n    - d: {e: 2,\n          f: 3}\n", "x.yml")
    places = {(): 1, ("a",): 1, ("a", "b"): 2, ("a", "b", 0): 3, ("a", "b", 1): 5, ("a", "b", 1, "d", "f"): 6}
    assert {path: source.lines[path] for path in places} == places
    assert source.place(("a", "b", 1, "d", "f")) == "x.yml, line 6, a.b.1.d.f"


def test_the_place_of_what_is_missing_is_where_it_should_be() -> None:
    assert read_yaml("a:\n  b: 1\n", "x.yml").place(("a", "c", 0)) == "x.yml, line 1, a.c.0"


def test_one_value_may_be_used_twice() -> None:
    assert read_yaml("a: &days [1, 2]\nb: *days\n", "x.yml").data == {"a": [1, 2], "b": [1, 2]}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "a: 1\nb:\n  c: 1\n  d: 2\n  c: 3\n",
            "x.yml, line 5, b.c: the key stands here again after line 3; expected it",
        ),
        ("a: 1\na: 1\n", "x.yml, line 2, a: the key stands here again after line 1"),
        ("a: 1\nb: [1, 2\nc: 3\n", "x.yml, line 3: this is not valid YAML ("),
        ("a: 1\n\tb: 2\n", "x.yml, line 2: this is not valid YAML ("),
        ("a: 1\nb: \x07\n", "x.yml, line 2: this is not valid YAML (special characters are not allowed)"),
        ("a: *nothing\n", "x.yml, line 1: this is not valid YAML (found undefined alias"),
        ("a: 1\n---\nb: 1\n", "x.yml, line 2: this is not valid YAML (but found another document)"),
        ("a: 1\nb: !!python/name:os.system x\n", "x.yml, line 2, b: the tag 'tag:yaml.org,2002:python/name:os.system'"),
        ("a: !!int x\n", "x.yml, line 1, a: 'x' does not fit its tag 'tag:yaml.org,2002:int'"),
        ("a: &self\n  - *self\n", "x.yml, line 1, a.0: the value contains itself"),
        ("a: 1\n? [b, c]\n: 2\n", "x.yml, line 2: a key is a list or mapping; expected a name"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(text: str, message: str) -> None:
    with pytest.raises(PolicyError) as refused:
        read_yaml(text, "x.yml")
    assert str(refused.value).startswith(message)
    assert "expected" in str(refused.value)
    assert "\n" not in str(refused.value)
