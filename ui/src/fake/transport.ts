// A wire with nobody behind it: plays a scenario in a browser, for development, pictures and tests. `npm run dev`, then
// http://127.0.0.1:1420/?fake=quiet or /popup.html?fake=offers. Never part of the shipped pages (`npm run size` checks).

import type { AppView } from "../bindings/AppView";
import type { OfferView } from "../bindings/OfferView";
import type { PageCommand } from "../bindings/PageCommand";
import type { Reply } from "../bindings/Reply";
import type { Snapshot } from "../bindings/Snapshot";
import type { WireError } from "../bindings/WireError";
import type { Transport } from "../host";
import { REGIONS, scenario } from "./scenarios";

/** How long the fake Genesys takes to confirm. */
const CONFIRM_MS = 700;

export function fakeTransport(name: string, now: number = Date.now()): Transport {
  let view: AppView = scenario(name, now);
  const ears = new Set<(view: AppView) => void>();

  const show = (change: Partial<AppView>): void => {
    view = { ...view, ...change, revision: view.revision + 1 };
    for (const hear of ears) hear(view);
  };
  const desk = (change: (snapshot: Snapshot) => Partial<Snapshot>): void => {
    const snapshot = view.snapshot;
    if (snapshot === null) return;
    show({ snapshot: { ...snapshot, ...change(snapshot), revision: snapshot.revision + 1 } });
  };
  const offer = (leg: string, change: Partial<OfferView> | null): void =>
    desk((s) => ({
      offers: s.offers.flatMap((one) =>
        one.leg !== leg ? [one] : change === null ? [] : [{ ...one, ...change }],
      ),
    }));
  const later = (step: () => void): void => void setTimeout(step, CONFIRM_MS);

  const steps: { [Name in PageCommand["name"]]?: (command: Extract<PageCommand, { name: Name }>) => void } = {
    sign_in: () => show({ stage: { name: "signing_in", until: Date.now() + 300_000 } }),
    cancel_sign_in: () => show({ stage: { name: "signed_out", trouble: null, farewell: null } }),
    practice: () => show({ ...scenario("quiet", Date.now()), practice: true }),
    sign_out: () =>
      show({ stage: { name: "signed_out", trouble: null, farewell: null }, snapshot: null, practice: false }),
    answer: ({ leg }) => {
      offer(leg, { answer: { state: "pending" } });
      later(() => {
        const taken = view.snapshot?.offers.find((one) => one.leg === leg);
        if (taken === undefined) return;
        const { conversation, medium, messageType, caller, queue } = taken;
        desk((s) => ({
          offers: s.offers.filter((one) => one.leg !== leg),
          conversations: [
            ...s.conversations,
            {
              ...{ leg, conversation, medium, messageType, caller, queue },
              ...{ state: "connected", since: Date.now(), held: false, muted: false },
            },
          ],
        }));
      });
    },
    set_start_at_login: ({ on }) => show({ startAtLogin: on }),
    decline: ({ leg }) => {
      offer(leg, { decline: { state: "pending" } });
      later(() => offer(leg, null));
    },
    dismiss: ({ leg }) => offer(leg, { dismissed: true }),
    set_presence: ({ id }) =>
      desk((s) => {
        const choice = s.agent?.presences.find((one) => one.id === id);
        if (s.agent === null || choice === undefined) return {};
        const presence = { definitionId: id, label: choice.label, system: choice.system, since: Date.now() };
        return { agent: { ...s.agent, presence, onQueue: choice.system === "OnQueue" } };
      }),
    set_on_queue: ({ on }) => desk((s) => ({ agent: s.agent && { ...s.agent, onQueue: on } })),
    back_on_queue: () =>
      show({
        notResponding: null,
        snapshot: view.snapshot && {
          ...view.snapshot,
          revision: view.snapshot.revision + 1,
          agent: view.snapshot.agent && {
            ...view.snapshot.agent,
            routing: { status: "IDLE", since: Date.now() },
          },
        },
      }),
    hide_not_responding: () =>
      show({ notResponding: view.notResponding && { ...view.notResponding, hidden: true } }),
    reconnect_now: () =>
      desk((s) => ({
        link: {
          ...s.link,
          state: "connected",
          since: Date.now(),
          trouble: null,
          nextTryAt: null,
          caughtUp: true,
        },
      })),
    forget_missed: ({ id }) => desk((s) => ({ missed: s.missed.filter((one) => one.id !== id) })),
    show_settings: ({ open }) => show({ settingsOpen: open }),
    set_sound: ({ ring, volume }) => show({ sound: { ...view.sound, ring, volume } }),
  };

  return {
    async invoke(command): Promise<Reply> {
      if (name === "broken")
        throw { code: "fake.broken", message: "The fake is broken.", retryable: true } satisfies WireError;
      if (command.name === "view") return { name: "view", value: view };
      if (command.name === "save_report") {
        return { name: "saved", value: "/home/ada/Downloads/earshot-report-2026-11-21-1405.txt" };
      }
      if (command.name === "regions") return { name: "regions", value: REGIONS };
      (steps[command.name] as ((command: PageCommand) => void) | undefined)?.(command);
      return { name: "done" };
    },
    async listen(hear) {
      ears.add(hear);
      return () => void ears.delete(hear);
    },
  };
}
