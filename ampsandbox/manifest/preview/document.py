"""The parts of an installer screen, free of any way to show them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

NAMELESS = "this app"
"""What stands for an app whose manifest has no `appName`, as in Ampersand's own interface."""


class Layout(StrEnum):
    """Which of Ampersand's interfaces the document follows."""

    CARD = "card"
    """The embeddable card of 2023: everything below each other, one button."""
    WRITE_TAB = "write-tab"
    """Today's configuration screen, on its tab Write."""
    READ_TAB = "read-tab"
    """Today's configuration screen, on the tab of an object that is read."""


@dataclass(frozen=True, slots=True)
class TextSpan:
    """A stretch of a sentence, set in bold where it is strong."""

    text: str
    is_strong: bool = False


@dataclass(frozen=True, slots=True)
class Heading:
    """The sentence at the top of the screen; every document begins with one."""

    spans: tuple[TextSpan, ...]


@dataclass(frozen=True, slots=True)
class Divider:
    """A horizontal line between sections."""


@dataclass(frozen=True, slots=True)
class Sentence:
    spans: tuple[TextSpan, ...]


@dataclass(frozen=True, slots=True)
class Prompt:
    """The manifest's own words, in grey."""

    text: str


@dataclass(frozen=True, slots=True)
class Chip:
    """The name of a field in a box, with the prompt of the field."""

    label: str
    prompt: str | None = None


@dataclass(frozen=True, slots=True)
class Chips:
    """Fields, below the sentence that introduces them."""

    chips: tuple[Chip, ...]


@dataclass(frozen=True, slots=True)
class SearchField:
    """An input that filters the choices below it."""

    placeholder: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A checkbox. `selects_all` is the one that ticks the others."""

    label: str
    is_checked: bool = False
    selects_all: bool = False


@dataclass(frozen=True, slots=True)
class FieldMapping:
    """A field for which the customer chooses one of the CRM's; `default` is the one that is offered first."""

    label: str
    prompt: str | None = None
    default: str | None = None
    is_required: bool = False

    @property
    def choice(self) -> str:
        """What the closed combo box shows."""
        return self.default or "Please select one"


@dataclass(frozen=True, slots=True)
class Button:
    """A button. The primary one finishes the installation."""

    label: str
    is_primary: bool = True


Block = Heading | Divider | Sentence | Prompt | Chips | SearchField | Choice | FieldMapping | Button


@dataclass(frozen=True, slots=True)
class PreviewDocument:
    """One installer screen.

    `tabs` and `selected_tab` are empty for a card. `notes` are the sandbox's own words, not the installer's:
    what is in the manifest but not on this screen.
    """

    layout: Layout
    integration: str
    display_name: str
    provider: str
    app_name: str
    group: str
    blocks: tuple[Block, ...]
    tabs: tuple[str, ...] = ()
    selected_tab: str = ""
    notes: tuple[str, ...] = ()


def spans(*texts: str) -> tuple[TextSpan, ...]:
    """The spans of a sentence out of its texts: plain and strong ones in turn, a plain one first."""
    return tuple(TextSpan(text, is_strong=bool(i % 2)) for i, text in enumerate(texts) if text)


def at_start(app_name: str) -> str:
    """The name of the app as a sentence begins with it. Names of their own keep their case."""
    return "This app" if app_name == NAMELESS else app_name
