import { describe, expect, it } from "vitest";
import { acts, KeyGuard, keyAction, QUIET_MS, type Press } from "../src/lib/keys";

const press = (key: string, change: Partial<Press> = {}): Press => ({
  ...{ key, repeat: false, ctrlKey: false, altKey: false, metaKey: false },
  ...change,
});

describe("keys", () => {
  it.each([
    ["a", "answer"],
    ["A", "answer"],
    ["Enter", "answer"],
    ["d", "decline"],
    ["D", "decline"],
    ["Escape", "dismiss"],
    ["b", "back_on_queue"],
    ["B", "back_on_queue"],
    ["x", null],
    [" ", null],
    ["Tab", null],
  ])("%s means %s", (key, action) => {
    expect(keyAction(press(key), false)).toBe(action);
  });

  it("leaves Enter to the button that has the focus", () => {
    expect(keyAction(press("Enter"), true)).toBeNull();
    expect(keyAction(press("a"), true)).toBe("answer");
  });

  it("does nothing on a held key or a shortcut of something else", () => {
    for (const change of [{ repeat: true }, { ctrlKey: true }, { altKey: true }, { metaKey: true }]) {
      expect(keyAction(press("a", change), false)).toBeNull();
    }
  });

  it("knows which keys to hold back while it is quiet: also those of a focused button, never Tab", () => {
    expect(["a", "Enter", " ", "Escape", "d"].every((key) => acts(press(key)))).toBe(true);
    expect(acts(press("Tab"))).toBe(false);
    expect(acts(press("a", { repeat: true }))).toBe(true);
  });
});

describe("the quiet moment", () => {
  it("lasts 400 ms from each disturbance", () => {
    expect(QUIET_MS).toBe(400);
    const guard = new KeyGuard();
    expect(guard.open(0)).toBe(true);
    guard.disturb(1000);
    expect([1000, 1399, 1400].map((now) => guard.open(now))).toEqual([false, false, true]);
    guard.disturb(1300);
    expect([1400, 1699, 1700].map((now) => guard.open(now))).toEqual([false, false, true]);
  });
});
