// What the agent can do about Not Responding, from the pop-up and from the desk.

import type { Page } from "./page.svelte";

/** Whether Genesys has been asked and has yet to confirm. */
export function going(page: Page): boolean {
  return page.busy("back_on_queue") || page.view?.snapshot?.agent?.presenceChange.state === "pending";
}

export function backOnQueue(page: Page): void {
  if (!going(page)) void page.act({ name: "back_on_queue" });
}

export function hideNotResponding(page: Page): void {
  void page.act({ name: "hide_not_responding" });
}
