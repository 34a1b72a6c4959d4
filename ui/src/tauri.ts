// The wire of the real app: Tauri's one command `earshot` and its one event `view`.

import { invoke } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";
import type { AppView } from "./bindings/AppView";
import type { Reply } from "./bindings/Reply";
import type { Transport } from "./host";

export const tauri: Transport = {
  invoke: (command) => invoke<Reply>("earshot", { command }),
  listen: (hear) => listen<AppView>("view", (event) => hear(event.payload)),
};
