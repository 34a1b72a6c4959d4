// The keys of pop-up and desk, and the moment in which they do nothing: somebody who is typing when the window gets the
// focus, or when one card gives way to the next, must not answer by accident.

/** How long keys do nothing after the window has gained the focus or the card that they are for has changed. */
export const QUIET_MS = 400;

export type KeyAction = "answer" | "decline" | "dismiss" | "back_on_queue";

/** As much of a keyboard event as matters here. */
export interface Press {
  readonly key: string;
  readonly repeat: boolean;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
}

const MEANING: Record<string, KeyAction> = {
  a: "answer",
  A: "answer",
  Enter: "answer",
  d: "decline",
  D: "decline",
  Escape: "dismiss",
  b: "back_on_queue",
  B: "back_on_queue",
};

/** What a key means. Enter on a button is that button's own; `onButton` says so. */
export function keyAction(press: Press, onButton: boolean): KeyAction | null {
  if (press.repeat || press.ctrlKey || press.altKey || press.metaKey) return null;
  if (press.key === "Enter" && onButton) return null;
  return MEANING[press.key] ?? null;
}

/** Whether what has the keyboard reads letters itself: a field, or a list in which letters look for an entry. */
export function readsLetters(target: EventTarget | null): boolean {
  const reader = "input, select, textarea, [role=listbox], [role=combobox], [contenteditable]";
  return target instanceof Element && target.closest(reader) !== null;
}

/** Whether a key could act at all, by its meaning or as a press of the focused button. */
export function acts(press: Press): boolean {
  return press.key === " " || press.key in MEANING;
}

/** Knows when keys count. Times are of any monotonic clock, in milliseconds. */
export class KeyGuard {
  #quietUntil = Number.NEGATIVE_INFINITY;

  /** The window has gained the focus, or the card that the keys are for has changed by itself. */
  disturb(now: number): void {
    this.#quietUntil = now + QUIET_MS;
  }

  open(now: number): boolean {
    return now >= this.#quietUntil;
  }
}
