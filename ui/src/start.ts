// Puts a page's root component on the screen, over the real wire, or (never in the shipped pages) over the fake one.

import { mount, type Component } from "svelte";
import { hostOver, type Host } from "./host";
import { Page } from "./lib/page.svelte";
import { tauri, type ViewEvent } from "./tauri";

async function chooseHost(event: ViewEvent): Promise<Host> {
  if (import.meta.env.MODE !== "production") {
    const scenario = new URLSearchParams(location.search).get("fake");
    if (scenario !== null) {
      const { fakeTransport } = await import("./fake/transport");
      return hostOver(fakeTransport(scenario));
    }
  }
  return hostOver(tauri(event));
}

export async function start(root: Component<{ page: Page }>, event: ViewEvent): Promise<void> {
  const target = document.getElementById("page");
  if (target === null) return;
  const page = new Page(await chooseHost(event));
  mount(root, { target, props: { page } });
  page.open();
}
