"""Patterns: they match what Python's own do, in bounded time, and say what they do not take."""

import re
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modemlab.transcripts.pattern import MAX_CACHED_STATES, MAX_CACHED_STEPS, compile_pattern

# Where Python's own matcher takes longer than anyone waits.
ENDLESS = [
    r"(a+)+b",
    r"(a*)*b",
    r"(a|a)*b",
    r"(a|aa)+b",
    r"(.*)*b",
    r"(a+){20,}b",
    r"(\w+\s?)*b",
    r"(a?){60}a*a{60}b",
    r".*.*.*.*.*.*.*.*b",
    r"((a+)?)+?b",
]


@pytest.mark.parametrize("pattern", ENDLESS)
def test_repeats_in_repeats_take_no_time(pattern: str) -> None:
    """Whether they match or not, on a line as long as a transcript looks at."""
    line = b"a" * 65_536
    found = compile_pattern(pattern.encode())
    assert not found.fullmatch(line)
    assert found.fullmatch(line + b"b")


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        (r"\+CSQ: \d+,99", ["+CSQ: 7,99", "+CSQ: 31,99"], ["+CSQ: ,99", "+CSQ: 7,9", "x+CSQ: 7,99", ""]),
        (r"\+QMTSUB: 0,1,0(,\d+)*", ["+QMTSUB: 0,1,0", "+QMTSUB: 0,1,0,1,2"], ["+QMTSUB: 0,1,0,"]),
        (r"\+QIACT: 1,1,1,\"[0-9.]+\"", ['+QIACT: 1,1,1,"10.0.0.1"'], ['+QIACT: 1,1,1,""']),
        (r"a{2,3}b{2}c{1,}", ["aabbc", "aaabbccc"], ["abbc", "aaaabbc", "aabc", "aabb"]),
        (r"(OK|ERROR|\+CM[ES] ERROR: .*)", ["OK", "+CME ERROR: 3", "+CMS ERROR: "], ["+CMX ERROR: 3", "OKOK"]),
        (r"[^,]*?,[^a-f\d]", ["x,g", ",-"], ["x,a", "x,5", "x,y,z"]),
        (r"^a$\n?", ["a", "a\n"], ["ba", "a\n\n", "ab"]),
        (r"\Aa\Z\n?", ["a"], ["a\n"]),
        (r"a^b|a$b", [], ["ab"]),
        (r"(^|a)*", ["", "aa"], ["b"]),
        (r".", ["a"], ["\n", ""]),
        (r"(?s:.)", ["a", "\n"], []),
        (r"(?i)o[k-l]é|[^b]", ["OKé", "oLé", "a", "C"], ["B", "b"]),
        (r"(?i)[^a]", ["b"], ["a", "A"]),
        (r"(?x) a  b # so", ["ab"], ["a  b"]),
        (r"\w\W\s\S\D", ["a- ax", "é, -\n"], ["a-  1", "--"]),
        (r"a{}|{b}|{,c}d{", ["a{}", "{b}", "{,c}d{"], ["a", "b", "a{"]),
        (r"a{,2}b{2,}c{1}", ["bbc", "aabbbc"], ["aaabbc", "abc", "abbcc"]),
        (r"[]a]+[^]a]", ["]ab", "a["], ["b", "]a", "]]"]),
        (r"[\]\\-]+\[", ["]\\-[", "-["], ["[", "][["]),
        (r"\x41\0\101\07[\x41]", ["A\0A\x07A"], ["A\0A7A", "A0A\x07A"]),
        (r"\t\+\ \\\n?", ["\t+ \\", "\t+ \\\n"], ["t+ \\"]),
        (r"a(?#no \) note)*b", ["b", "aab"], ["a", "a(b"]),
        (r"(?i:a)b(?s-i:.)(?-s:.)", ["Ab\n-", "ab--"], ["AB\n-", "ab\n\n"]),
        ("(?x: a * [ b] \\  # a \\) note \n) c", ["a   c", "ab  c"], ["abc", "a c"]),
        ("(?x)a # what \\\n goes on\n b", ["ab"], ["a", "agoeson"]),
        (r"(?ai)(?:\w|K)", ["a", "k"], ["é", "\u212a"]),
        (r"\u00e9\N{DEGREE SIGN}[\U0001f600]é", ["é°\U0001f600é"], ["é"]),
        (r"", [""], ["a"]),
        (r"(a|b|)c?(?P<name>d)", ["d", "acd", "bd"], ["abd"]),
    ],
)
def test_what_matches(pattern: str, yes: list[str], no: list[str]) -> None:
    """Texts, and bytes where they mean the same; Python's own matcher says so too."""
    for text in (*yes, *no):
        assert compile_pattern(pattern).fullmatch(text) is (text in yes), text
        assert (re.fullmatch(pattern, text) is not None) is (text in yes), text
        if (pattern + text).isascii():
            assert compile_pattern(pattern.encode()).fullmatch(text.encode()) is (text in yes), text


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("(", "missing ), unterminated subpattern at position 0: \\( is the character ( itself"),
        ("*", "nothing to repeat at position 0: \\* is the character * itself"),
        (r"(a)\1", "a pattern has no such thing as a reference to a group at position 3"),
        ("(?=a)", "a pattern has no such thing as a look ahead or behind at position 0"),
        ("(?<!a)b", "a pattern has no such thing as a look ahead or behind at position 0"),
        ("a(?!)", "a pattern has no such thing as a look ahead or behind at position 1"),
        ("(?P<b>a)(?P=b)", "a pattern has no such thing as a reference to a group at position 8"),
        ("(a)?(?(1)b|c)", "a pattern has no such thing as a reference to a group at position 4"),
        ("a++", "a pattern has no such thing as a repeat that gives nothing back at position 1"),
        ("ba{2,3}+", "a pattern has no such thing as a repeat that gives nothing back at position 2"),
        ("(?>a)", "a pattern has no such thing as a group that gives nothing back at position 0"),
        (r"\bOK", "a pattern has no word boundaries at position 0"),
        (r"O\BK", "a pattern has no word boundaries at position 1"),
        ("(?m)^a$", "a pattern has no flags but i, s, x, a and u"),
        ("b(?m:^a$)", "a pattern has no flags but i, s, x, a and u at position 1"),
        ("(a{100}){101}", "a pattern is too large: it comes to more than 10000 characters and choices"),
        ("((){9999}){9999}", "a pattern is too large: it comes to more than 10000 characters and choices"),
        ("a{0,60000}", "a pattern is too large: it comes to more than 10000 characters and choices"),
        ("a{99999999999}", "the repetition number is too large"),
        ("(" * 5000 + ")" * 5000, "a pattern is nested too deeply"),
    ],
)
def test_what_a_pattern_has_not(pattern: str, reason: str) -> None:
    """One line, for texts and bytes."""
    with pytest.raises(ValueError, match=re.escape(reason)) as caught:
        compile_pattern(pattern)
    assert "\n" not in str(caught.value)
    with pytest.raises(ValueError, match=re.escape(reason)):
        compile_pattern(pattern.encode())


LEAVES = st.sampled_from(["a", "b", ".", r"\d", "[ab]", "[^a]", r"[\w-]", "1", "^", "$", "é"])
PATTERNS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map("({0[0]}|{0[1]})".format),
        st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{1,3}", "*?", "{0,1}?"])).map(
            lambda each: f"(?:{each[0]}){each[1]}"
        ),
    ),
    max_leaves=6,
)


@given(PATTERNS, st.lists(st.text("ab1\né-", max_size=6), min_size=1, max_size=20))
def test_it_is_pythons_matcher_in_small(pattern: str, texts: list[str]) -> None:
    """Whatever is put together: texts and their bytes alike."""
    found, found_bytes = compile_pattern(pattern), compile_pattern(pattern.encode())
    for text in texts:
        assert found.fullmatch(text) is (re.fullmatch(pattern, text) is not None)
        data = text.encode()
        assert found_bytes.fullmatch(data) is (re.fullmatch(pattern.encode(), data) is not None)


# What has a meaning, in pieces that are often right; none makes a repeat that gives nothing back.
OPENINGS = ["(?:", "(?x:", "(?i-x:", "(?#", "(?i)", "(?x)", "[^"]
PIECES = st.sampled_from([*"ab1 -\n^$.|()[]{}?*,#\\", *OPENINGS, "1+", "{1,2}", r"\d", r"\Z", r"\01", r"\x41"])


@given(st.lists(PIECES, max_size=9).map("".join), st.lists(st.text("aAb1 \n-#(", max_size=4), min_size=1, max_size=20))
def test_pieces_are_read_as_python_reads_them(pattern: str, texts: list[str]) -> None:
    """Whatever stands together: it is wrong for both, or matches the same."""
    with warnings.catch_warnings(action="ignore"):
        try:
            expected = re.compile(pattern)
        except re.error as error:
            with pytest.raises(ValueError, match=re.escape(str(error))):
                compile_pattern(pattern)
            return
    found = compile_pattern(pattern)
    for text in texts:
        assert found.fullmatch(text) is (expected.fullmatch(text) is not None), text


def test_what_is_remembered_is_bounded() -> None:
    """A payload of all characters there are."""
    found = compile_pattern("(?s)(.a?)*")
    assert found.fullmatch("".join(map(chr, range(3 * MAX_CACHED_STEPS))))
    assert 0 < len(found._steps) <= MAX_CACHED_STEPS


def test_few_large_steps_are_remembered() -> None:
    """An expression that can be at thousands of places at once, and at others with each character."""
    found = compile_pattern(".*a.{3000}x")
    text = "".join(f"{number:b}" for number in range(300)).replace("1", "a")
    assert not found.fullmatch(text)
    assert 0 < sum(map(len, found._steps.values())) <= MAX_CACHED_STATES
    assert len(found._steps) < len(text) / 10
    assert found.fullmatch(text[:-1] + "a" + "-" * 3000 + "x")


def test_equal_expressions_are_equal() -> None:
    """Also when they were compiled anew: a list of commands is held to another by them."""
    first = compile_pattern("a+")
    for number in range(300):
        compile_pattern(f"a{number}")
    again = compile_pattern("a+")
    assert (first == again, hash(first) == hash(again), first is again) == (True, True, False)
    assert compile_pattern("a+") != compile_pattern("a+", re.DOTALL) != compile_pattern(b"a+", re.DOTALL) != "a+"
