// A wire whose two ends a test holds: what the page sent, what it hears, and what it is answered.

import type { AppView } from "../src/bindings/AppView";
import type { PageCommand } from "../src/bindings/PageCommand";
import type { Reply } from "../src/bindings/Reply";
import type { WireError } from "../src/bindings/WireError";
import { REGIONS } from "../src/fake/scenarios";
import { hostOver, type Transport } from "../src/host";
import { Page } from "../src/lib/page.svelte";

export class Wire implements Transport {
  readonly sent: PageCommand[] = [];
  /** Commands of these names fail so. */
  readonly failing = new Map<PageCommand["name"], WireError>();
  /** Commands of these names are answered so. */
  readonly replies = new Map<PageCommand["name"], Reply>();
  view: AppView;
  #ears = new Set<(view: AppView) => void>();

  constructor(view: AppView) {
    this.view = view;
  }

  async invoke(command: PageCommand): Promise<Reply> {
    if (command.name === "view") return { name: "view", value: this.view };
    this.sent.push(command);
    const error = this.failing.get(command.name);
    if (error) throw error;
    const reply = this.replies.get(command.name);
    if (reply) return reply;
    return command.name === "regions" ? { name: "regions", value: REGIONS } : { name: "done" };
  }

  async listen(hear: (view: AppView) => void): Promise<() => void> {
    this.#ears.add(hear);
    return () => void this.#ears.delete(hear);
  }

  /** The shell sends a newer view. */
  show(view: AppView): void {
    this.view = { ...view, revision: this.view.revision + 1 };
    for (const hear of this.#ears) hear(this.view);
  }

  /** What was sent, without the pop-up's talk about its height and its cards. */
  get said(): PageCommand[] {
    return this.sent.filter((command) => !["popup_height", "drawn", "painted"].includes(command.name));
  }
}

/** A page that has drawn its first view. */
export async function openPage(wire: Wire): Promise<Page> {
  const page = new Page(hostOver(wire));
  page.open();
  for (let turn = 0; page.view === null && turn < 20; turn += 1) await Promise.resolve();
  return page;
}
