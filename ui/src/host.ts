// The one door between the pages and Earshot: send a command, hear the views. Knows nothing of Tauri, so that tests and
// the browser can stand in for it.

import type { AppView } from "./bindings/AppView";
import type { PageCommand } from "./bindings/PageCommand";
import type { Reply } from "./bindings/Reply";
import type { WireError } from "./bindings/WireError";

/** What a page can do with Earshot. */
export interface Host {
  /** Sends a command. Rejects with a `WireError`, never with anything else. */
  send(command: PageCommand): Promise<Reply>;
  /** Calls `draw` with the current view and with each newer one, until the answer is called. */
  onView(draw: (view: AppView) => void, fail: (error: WireError) => void): () => void;
}

/** The bare wire below a `Host`: one command, one event. */
export interface Transport {
  invoke(command: PageCommand): Promise<Reply>;
  /** Resolves, once events are being heard, with the way to stop that. */
  listen(hear: (view: AppView) => void): Promise<() => void>;
}

/** Builds a `Host` on a wire. */
export function hostOver(transport: Transport): Host {
  const send = async (command: PageCommand): Promise<Reply> => {
    try {
      return await transport.invoke(command);
    } catch (error) {
      throw asWireError(error);
    }
  };

  return {
    send,
    onView(draw, fail) {
      let newest = -1;
      let stopped = false;
      let unlisten: (() => void) | null = null;

      const hear = (view: AppView): void => {
        if (stopped || view.revision <= newest) return;
        newest = view.revision;
        draw(view);
      };

      // First listen, then ask: the other way round, a view sent between the two would be lost. The answer may then
      // be older than an event that overtook it; the revision tells.
      const begin = async (): Promise<void> => {
        try {
          const stop = await transport.listen(hear);
          if (stopped) return stop();
          unlisten = stop;
          const reply = await send({ name: "view" });
          if (reply.name === "view") hear(reply.value);
        } catch (error) {
          if (!stopped && newest < 0) fail(asWireError(error));
        }
      };
      void begin();

      return () => {
        stopped = true;
        unlisten?.();
      };
    },
  };
}

/** Makes a `WireError` of whatever was thrown. What is not one came from the wire itself, not from Earshot. */
export function asWireError(error: unknown): WireError {
  if (typeof error === "object" && error !== null) {
    const { code, message, retryable } = error as Partial<WireError>;
    if (typeof code === "string" && typeof message === "string") {
      return { code, message, retryable: retryable === true };
    }
  }
  return {
    code: "page.no_answer",
    message: "Earshot does not answer this window. Quit Earshot and start it again.",
    retryable: true,
  };
}
