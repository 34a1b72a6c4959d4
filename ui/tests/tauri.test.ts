// The wire of the real app says exactly what the shell listens for: the command `earshot`, and the page's own event.

import { clearMocks, mockIPC } from "@tauri-apps/api/mocks";
import { emit } from "@tauri-apps/api/event";
import { afterEach, expect, it } from "vitest";
import { aView } from "../src/fake/scenarios";
import { hostOver } from "../src/host";
import { tauri } from "../src/tauri";

afterEach(clearMocks);

it("sends every command through `earshot` and hears its own event alone", async () => {
  const calls: unknown[] = [];
  mockIPC(
    (name, args) => {
      calls.push([name, args]);
      return { name: "view", value: aView({ revision: 4 }) };
    },
    { shouldMockEvents: true },
  );
  const drawn: number[] = [];
  const stop = hostOver(tauri("popup_view")).onView(
    (view) => drawn.push(view.revision),
    (error) => {
      throw new Error(error.message);
    },
  );
  await expect.poll(() => drawn).toEqual([4]);
  await emit("popup_view", aView({ revision: 3 }));
  await emit("view", aView({ revision: 6 }));
  await emit("popup_view", aView({ revision: 5 }));
  await expect.poll(() => drawn).toEqual([4, 5]);
  expect(calls).toEqual([["earshot", { command: { name: "view" } }]]);
  stop();
});

it("hands on what the shell refuses, as it said it", async () => {
  const refusal = { code: "offer.gone", message: "It is no longer alerting.", retryable: false };
  mockIPC(() => Promise.reject(refusal));
  await expect(hostOver(tauri("view")).send({ name: "answer", leg: "a" })).rejects.toEqual(refusal);
});
