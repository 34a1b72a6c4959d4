// What a page holds: the newest view, the commands that are on their way, and those that did not work.

import { untrack } from "svelte";
import { SvelteMap, SvelteSet } from "svelte/reactivity";
import type { AppView } from "../bindings/AppView";
import type { PageCommand } from "../bindings/PageCommand";
import type { Reply } from "../bindings/Reply";
import type { WireError } from "../bindings/WireError";
import { asWireError, type Host } from "../host";

export class Page {
  /** The newest view; `null` until the first. */
  view = $state.raw<AppView | null>(null);
  /** Why there is no view. */
  fault = $state.raw<WireError | null>(null);

  readonly #host: Host;
  readonly #busy = new SvelteSet<string>();
  readonly #errors = new SvelteMap<string, WireError>();
  #close: (() => void) | null = null;

  constructor(host: Host) {
    this.#host = host;
  }

  /** Begins to hear the views; again after a fault. */
  open(): void {
    this.#close?.();
    this.fault = null;
    this.#close = this.#host.onView(
      (view) => {
        this.fault = null;
        // What did not work on one screen is not a complaint on the next.
        if (this.view?.stage.name !== view.stage.name) this.#errors.clear();
        this.view = view;
      },
      (error) => {
        this.fault = error;
      },
    );
  }

  close(): void {
    this.#close?.();
    this.#close = null;
  }

  /**
   * Sends a command. `key` names what it is about, so that its progress and its failure can be drawn beside it; while
   * one of a key is on its way, a second press sends nothing.
   */
  async act(command: PageCommand, key: string = command.name): Promise<Reply | null> {
    // Untracked: an effect that sends a command must not depend on how that command goes.
    const free = untrack(() => {
      if (this.#busy.has(key)) return false;
      this.#busy.add(key);
      this.#errors.delete(key);
      return true;
    });
    if (!free) return null;
    try {
      return await this.#host.send(command);
    } catch (error) {
      this.#errors.set(key, asWireError(error));
      return null;
    } finally {
      this.#busy.delete(key);
    }
  }

  /** Sends what needs neither progress nor complaint. */
  async tell(command: PageCommand): Promise<void> {
    await this.#host.send(command).catch(() => null);
  }

  busy(key: string): boolean {
    return this.#busy.has(key);
  }

  error(key: string): WireError | null {
    return this.#errors.get(key) ?? null;
  }
}
