"""What a transcript's differences look like to a reader: the exchange that each is in, line by line."""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from modemlab.transcripts.format import Difference, Mark, TranscriptStep, parse_transcript, shown, unescape, written
from modemlab.transcripts.pattern import compile_pattern

MODULE_MARKS = (Mark.SAID, Mark.SAID_RAW, Mark.SAID_LIKE)
# Lines of what was said instead that are shown.
MAX_SHOWN_LINES = 40


def explain(transcript: str, differences: Sequence[Difference]) -> str:
    """Each difference with the lines around it: `-` those that did not come, `+` those that came instead."""
    steps = parse_transcript(transcript)
    return "\n".join(line for difference in differences for line in show(steps, difference))


def show(steps: Sequence[TranscriptStep], difference: Difference) -> Iterator[str]:
    """One difference."""
    at = next(place for place, step in enumerate(steps) if step.number == difference.number)
    if steps[at].mark is Mark.TO_SERVER or (difference.expected and steps[at].mark not in MODULE_MARKS):
        yield str(difference)
        return
    if not difference.expected and steps[at].mark in MODULE_MARKS:
        at += 1  # behind the last line
    first = at - 1
    while first > 0 and steps[first].mark in MODULE_MARKS:
        first -= 1
    last = at
    while last < len(steps) and steps[last].mark in MODULE_MARKS:
        last += 1
    what = "more was said"
    if difference.expected:
        what = "something else was said" if difference.actual else "nothing more was said"
    yield f"line {difference.number}: {what}"
    yield from (f"    {line_of(step)}" for step in steps[max(first, 0) : at])
    came = lines_of(difference.actual)
    wanted = [line_of(step, came) for step in steps[at:last]]
    for _, *(a, b, c, d) in SequenceMatcher(None, wanted, came, autojunk=False).get_opcodes():
        if wanted[a:b] == came[c:d]:
            yield from (f"    {line}" for line in came[c:d])
        else:
            yield from (f"  - {line_of(step)}" for step in steps[at + a : at + b])
            yield from (f"  + {line}" for line in came[c:d])


def line_of(step: TranscriptStep, came: Sequence[str] = ()) -> str:
    """A step as a transcript writes it; a pattern is as the first of the lines that came and match it."""
    if step.mark in (Mark.SAID, Mark.SAID_RAW):
        return written(step.mark, shown(unescape(step.text)))
    if step.mark is Mark.SAID_LIKE:
        for line in came:
            text = line.removeprefix(Mark.SAID.value).removeprefix(" ")
            if compile_pattern(step.text.encode()).fullmatch(unescape(text)):
                return line
    return written(step.mark, step.text)


def lines_of(data: bytes) -> list[str]:
    """What was said, as a transcript writes it."""
    *lines, rest = data.split(b"\r\n")
    came = [written(Mark.SAID, shown(line)) for line in lines]
    if rest:
        came.append(written(Mark.SAID_RAW, shown(rest)))
    return (
        came
        if len(came) <= MAX_SHOWN_LINES
        else [*came[:MAX_SHOWN_LINES], f"... and {len(came) - MAX_SHOWN_LINES} lines more"]
    )
