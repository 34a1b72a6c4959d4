// The wire of the real app: Tauri's one command `earshot` and one event, of which each page has its own.

import { invoke } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";
import type { AppView } from "./bindings/AppView";
import type { Reply } from "./bindings/Reply";
import type { Transport } from "./host";

/** The event that brings a page its views. */
export type ViewEvent = "view" | "popup_view";

export const tauri = (event: ViewEvent): Transport => ({
  invoke: (command) => invoke<Reply>("earshot", { command }),
  listen: (hear) => listen<AppView>(event, ({ payload }) => hear(payload)),
});
