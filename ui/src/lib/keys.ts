// The pop-up's keys, and the moment in which they do nothing: somebody who is typing when the pop-up gets the focus, or
// when one card gives way to the next, must not answer by accident.

/** How long keys do nothing after the window has gained the focus or the card that they are for has changed. */
export const QUIET_MS = 400;

export type KeyAction = "answer" | "decline" | "dismiss";

/** As much of a keyboard event as matters here. */
export interface Press {
  readonly key: string;
  readonly repeat: boolean;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
}

/** What a key means. Enter on a button is that button's own; `onButton` says so. */
export function keyAction(press: Press, onButton: boolean): KeyAction | null {
  if (press.repeat || press.ctrlKey || press.altKey || press.metaKey) return null;
  switch (press.key) {
    case "a":
    case "A":
      return "answer";
    case "Enter":
      return onButton ? null : "answer";
    case "d":
    case "D":
      return "decline";
    case "Escape":
      return "dismiss";
    default:
      return null;
  }
}

/** Whether a key would act at all, by `keyAction` or as a press of the focused button. */
export function acts(press: Press): boolean {
  return press.key === "Enter" || press.key === " " || keyAction({ ...press, repeat: false }, false) !== null;
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
