import json

import pytest

from kf_airflow.hcl_text import expression, literal, reference, template


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("plain", '"plain"'),
        ("", '""'),
        ('say "so"', r'"say \"so\""'),
        ("two\nlines\t\\", r'"two\nlines\t\\"'),
        ("größer", '"größer"'),
        ("${aws_vpc.main.id}", "aws_vpc.main.id"),
        ("${ aws_vpc.main.id }", "aws_vpc.main.id"),
        ("${a.b}-${c.d}", '"${a.b}-${c.d}"'),
        ('"${a.b}"', r'"\"${a.b}\""'),
        ('x ${f("a", "}")} y', 'x ${f("a", "}")} y'),
        ('${jsonencode({"a" = b.c})}', 'jsonencode({"a" = b.c})'),
        ('${f("${g("}")}")}!', '${f("${g("}")}")}!'),
        (r'${f("\"}")}!', r'${f("\"}")}!'),
        ('${f("$${")}!', '${f("$${")}!'),
        ("$${kept} 100%%{}", '"$${kept} 100%%{}"'),
        ("$5 and 5%", '"$5 and 5%"'),
        ('%{if a}"x"%{endif}', r'"%{if a}\"x\"%{endif}"'),
    ],
)
def test_a_string_is_a_template_as_in_json(text: str, written: str) -> None:
    whole = written if written.startswith('"') or "${" not in written else f'"{written}"'

    assert template(text) == whole


@pytest.mark.parametrize("text", ["${a.b", '${f("x}', "${f({)}"])
def test_an_expression_that_does_not_end_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="does not end"):
        template(text)


@pytest.mark.parametrize("value", [True, False, None, 0, 1.5, -3])
def test_what_is_no_text_is_written_as_in_json(value: object) -> None:
    assert expression(value) == json.dumps(value)


def test_lists_and_objects_have_a_line_for_each() -> None:
    assert expression({"a": ["x", 1], "b-c": {}, "for": []}) == (
        '{\n  a = [\n    "x",\n    1,\n  ]\n  "b-c" = {}\n  "for" = []\n}'
    )


def test_a_literal_keeps_what_looks_like_an_expression() -> None:
    assert literal({"a": ["${x} %{y}"]}) == '{\n  a = [\n    "$${x} %%{y}",\n  ]\n}'


@pytest.mark.parametrize("text", ["aws_vpc.main", "${aws_vpc.main}"])
def test_a_reference_stands_without_quotes(text: str) -> None:
    assert reference(text) == "aws_vpc.main"
