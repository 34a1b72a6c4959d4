import { describe, expect, it } from "vitest";
import type { AppView } from "../src/bindings/AppView";
import type { Reply } from "../src/bindings/Reply";
import type { WireError } from "../src/bindings/WireError";
import { aView } from "../src/fake/scenarios";
import { asWireError, hostOver, type Transport } from "../src/host";

const settle = (): Promise<void> => new Promise((done) => setTimeout(done, 0));
const at = (revision: number): AppView => aView({ revision });

/** A transport whose answers come when the test says so. */
function byHand() {
  const calls: string[] = [];
  let hear: (view: AppView) => void = () => {};
  let listening: (stop: () => void) => void = () => {};
  let answer: (reply: Reply) => void = () => {};
  let refuse: (error: unknown) => void = () => {};
  const transport: Transport = {
    invoke: (command) => {
      calls.push(command.name);
      return new Promise((resolve, reject) => {
        answer = resolve;
        refuse = reject;
      });
    },
    listen: (ear) => {
      calls.push("listen");
      hear = ear;
      return new Promise((resolve) => (listening = resolve));
    },
  };
  const stops: string[] = [];
  return {
    transport,
    calls,
    stops,
    event: (view: AppView) => hear(view),
    listening: () => listening(() => stops.push("stopped")),
    answer: (view: AppView) => answer({ name: "view", value: view }),
    refuse: (error: unknown) => refuse(error),
  };
}

function watch(transport: Transport) {
  const drawn: number[] = [];
  const failed: WireError[] = [];
  const stop = hostOver(transport).onView(
    (view) => drawn.push(view.revision),
    (error) => failed.push(error),
  );
  return { drawn, failed, stop };
}

describe("ask, then listen", () => {
  it("listens before it asks, so that no view falls between the two", async () => {
    const wire = byHand();
    watch(wire.transport);
    await settle();
    expect(wire.calls).toEqual(["listen"]);
    wire.listening();
    await settle();
    expect(wire.calls).toEqual(["listen", "view"]);
  });

  it("does not draw an answer that a newer event has overtaken", async () => {
    const wire = byHand();
    const { drawn } = watch(wire.transport);
    wire.listening();
    await settle();
    wire.event(at(8));
    wire.answer(at(7));
    await settle();
    expect(drawn).toEqual([8]);
  });

  it("draws an answer that is newer than the events before it, and nothing older after it", async () => {
    const wire = byHand();
    const { drawn } = watch(wire.transport);
    wire.listening();
    await settle();
    wire.event(at(3));
    wire.answer(at(5));
    await settle();
    wire.event(at(4));
    wire.event(at(5));
    wire.event(at(6));
    expect(drawn).toEqual([3, 5, 6]);
  });

  it("draws the very first revision, 0", async () => {
    const wire = byHand();
    const { drawn } = watch(wire.transport);
    wire.listening();
    await settle();
    wire.answer(at(0));
    await settle();
    expect(drawn).toEqual([0]);
  });

  it("says so when the question fails and nothing was heard", async () => {
    const wire = byHand();
    const { failed } = watch(wire.transport);
    wire.listening();
    await settle();
    wire.refuse("command earshot not allowed");
    await settle();
    expect(failed.map((error) => error.code)).toEqual(["page.no_answer"]);
  });

  it("does not mind a failed question when a view was heard anyway", async () => {
    const wire = byHand();
    const { drawn, failed } = watch(wire.transport);
    wire.listening();
    await settle();
    wire.event(at(1));
    wire.refuse("late");
    await settle();
    expect(drawn).toEqual([1]);
    expect(failed).toEqual([]);
  });

  it("stops for good, also when stopped before it was listening", async () => {
    const wire = byHand();
    const { drawn, stop } = watch(wire.transport);
    stop();
    wire.listening();
    await settle();
    wire.event(at(1));
    expect(wire.stops).toEqual(["stopped"]);
    expect(wire.calls).toEqual(["listen"]);
    expect(drawn).toEqual([]);
  });
});

describe("errors", () => {
  it("keeps what Earshot said", () => {
    const error = { code: "token.expired", message: "Sign in again.", retryable: false };
    expect(asWireError(error)).toEqual(error);
  });

  it.each([["a string"], [null], [new Error("boom")], [{ code: 7 }]])("makes a sentence of %s", (thrown) => {
    expect(asWireError(thrown)).toMatchObject({ code: "page.no_answer", retryable: true });
  });

  it("rejects a command with a WireError only", async () => {
    const transport: Transport = { invoke: () => Promise.reject("no"), listen: async () => () => {} };
    await expect(hostOver(transport).send({ name: "practice" })).rejects.toMatchObject({
      code: "page.no_answer",
    });
  });
});
