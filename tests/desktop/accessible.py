"""What a screen reader sees of a program: its tree over AT-SPI, thin and uncached, found by role and name."""

import re

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib  # noqa: E402

Atspi.init()
# A program that hangs must fail its test, not hang it.
Atspi.set_timeout(3000, 10000)

# What ARIA roles are called over AT-SPI, by WebKitGTK and by GTK.
ROLES = {
    "button": ("push button", "button"),
    "switch": ("toggle button", "switch", "check box"),
    "checkbox": ("check box",),
    "status": ("status bar", "statusbar", "status"),
    "alert": ("notification", "alert"),
    "list": ("list", "list box"),
    "listitem": ("list item",),
    "textbox": ("entry", "text"),
    "combobox": ("combo box",),
    "document": ("document web", "document frame"),
    "window": ("frame", "window", "dialog"),
    "slider": ("slider",),
}


PLACE_OF_A_CHILD = "\ufffc"


class Node:
    """One accessible object. A vanished one has no name, no text and no children."""

    def __init__(self, raw):
        self.raw = raw

    def _ask(self, question, otherwise):
        try:
            # Nothing from memory: the tests ask what is there now.
            self.raw.clear_cache()
            answer = question()
            return otherwise if answer is None else answer
        except GLib.Error:
            return otherwise

    @property
    def role(self):
        return self._ask(self.raw.get_role_name, "")

    @property
    def name(self):
        return self._ask(self.raw.get_name, "")

    @property
    def description(self):
        return self._ask(self.raw.get_description, "")

    @property
    def states(self):
        """Names such as `showing`, `checked`, `enabled`, `focused`."""
        return self._ask(lambda: {each.value_nick for each in self.raw.get_state_set().get_states()}, set())

    @property
    def children(self):
        count = self._ask(self.raw.get_child_count, 0)
        found = (self._ask(lambda index=index: self.raw.get_child_at_index(index), None) for index in range(count))
        return [Node(each) for each in found if each is not None]

    @property
    def text(self):
        """All that is written in it, in reading order: its own words, with each child in its place among them."""
        if self.role in ROLES["button"]:
            return self.name
        own, children = self._ask(self._own_text, ""), self.children
        if not children:
            return own.replace(PLACE_OF_A_CHILD, "") or self.name
        words = []
        for piece in re.split(f"({PLACE_OF_A_CHILD})", own):
            words.append(children.pop(0).text if piece == PLACE_OF_A_CHILD and children else piece)
        words += [each.text for each in children]
        return " ".join(filter(None, words)).replace(PLACE_OF_A_CHILD, "")

    def _own_text(self):
        if "Text" not in self.raw.get_interfaces():
            return ""
        return Atspi.Text.get_text(self.raw, 0, Atspi.Text.get_character_count(self.raw))

    def walk(self):
        """Itself and everything below."""
        yield self
        for child in self.children:
            yield from child.walk()

    def all(self, role=None, name=None):
        """Everything below with this role (ARIA's word) and name (text, or a compiled pattern)."""
        roles = ROLES.get(role, (role,)) if role else None
        for node in self.walk():
            if roles and node.role not in roles:
                continue
            if name is not None and not fits(name, node.name):
                continue
            yield node

    def find(self, role=None, name=None):
        """The first of them, or None."""
        return next(self.all(role, name), None)

    @property
    def box(self):
        """Where it is on the screen: x, y, width, height."""
        found = self._ask(lambda: Atspi.Component.get_extents(self.raw, Atspi.CoordType.SCREEN), None)
        return (found.x, found.y, found.width, found.height) if found else (0, 0, 0, 0)

    def press(self):
        """What a screen reader's user does to a button."""
        if not Atspi.Action.do_action(self.raw, 0):
            raise AssertionError(f"{self.role} {self.name!r} cannot be pressed")

    def focus(self):
        """Puts the keyboard there."""
        Atspi.Component.grab_focus(self.raw)

    def outline(self, depth=0):
        """The tree in words, for failures."""
        line = f"{'  ' * depth}{self.role} {self.name!r}"
        own = self._ask(self._own_text, "")
        if own and own != self.name:
            line += f" text={own!r}"
        return "\n".join([line, *(each.outline(depth + 1) for each in self.children)])


def fits(wanted, name):
    """Whether a name is the wanted text or fits the wanted pattern."""
    return bool(wanted.search(name)) if isinstance(wanted, re.Pattern) else wanted == name


def program(pid):
    """The program with this process id, or None."""
    desktop = Node(Atspi.get_desktop(0))
    for child in desktop.children:
        try:
            if child.raw.get_process_id() == pid:
                return child
        except GLib.Error:
            continue
    return None
