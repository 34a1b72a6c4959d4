// The main window as assistive technology meets it: what its tests open, and how they press. Time stands still in them.

import { cleanup, fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, beforeEach, vi } from "vitest";
import type { AppView } from "../../src/bindings/AppView";
import Main from "../../src/main/Main.svelte";
import { openPage, Wire } from "../wire";

export const NOW = 1_800_000_000_000;

// Timers run all the same.
beforeEach(() => void vi.useFakeTimers({ now: NOW, toFake: ["Date"] }));

afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

/** The window with this view in it, and its wire. */
export async function open(view: AppView): Promise<Wire> {
  const wire = new Wire(view);
  render(Main, { page: await openPage(wire) });
  return wire;
}

/** Presses the button of this name; of several, this one. */
export function press(name: string | RegExp, index = 0): Promise<boolean> {
  const button = screen.getAllByRole("button", { name })[index];
  if (button === undefined) throw new Error(`no button ${name}`);
  return fireEvent.click(button);
}
