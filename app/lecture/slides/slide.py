"""A slide of the lecture: claim, formula, prediction, commands, what to see, and a question."""

from __future__ import annotations

from dataclasses import dataclass

FOLDER = "lecture"  # for the files of all commands; `lecture all -o` replaces it


@dataclass(frozen=True)
class Example:
    """A command of `python -m app` and the figures that it writes.

    Attributes:
        command: Command without `python -m app`; `-o` names files or folders in `FOLDER`.
        figures: Paths of the figures.
        about: What is compared, and the words that the output uses; may be empty.
    """

    command: str
    figures: tuple[str, ...] = ()
    about: str = ""


@dataclass(frozen=True)
class Slide:
    """One or more slides of a title, as a short lesson.

    Attributes:
        title: Title in the lecture.
        text: Claim of the slide.
        examples: Commands, in the order of the document.
        formula: Formulas, one per line; may be empty.
        predict: What to predict before the commands are run; may be empty.
        see: What to see in their results; may be empty.
        question: Exercise; may be empty.
        answer: Its answer.
    """

    title: str
    text: str
    examples: tuple[Example, ...]
    formula: str = ""
    predict: str = ""
    see: str = ""
    question: str = ""
    answer: str = ""


def figure(command: str, name: str, *, about: str = "") -> Example:
    """Return a command that writes the figure `name`."""
    path = f"{FOLDER}/{name}"
    return Example(f"{command} -o {path}", (path,), about)


def lab(arguments: str, *figures: str, folder: str = "lab", about: str = "") -> Example:
    """Return an experiment that writes figures, given without extension, into `folder`."""
    path = f"{FOLDER}/{folder}"
    return Example(f"lab {arguments} -o {path}", tuple(f"{path}/{x}.png" for x in figures), about)


DIGIT_MODELS = "mnist-dense mnist-local mnist-convnet mnist-best"
