// The scenarios of the fake wire, each a whole view. Nothing here is of a real person or organisation.

import type { AppView } from "../bindings/AppView";
import type { AgentView } from "../bindings/AgentView";
import type { DeafView } from "../bindings/DeafView";
import type { ConversationView } from "../bindings/ConversationView";
import type { LockedView } from "../bindings/LockedView";
import type { LinkView } from "../bindings/LinkView";
import type { MissedView } from "../bindings/MissedView";
import type { OfferView } from "../bindings/OfferView";
import type { RegionView } from "../bindings/RegionView";
import type { SettingsView } from "../bindings/SettingsView";
import type { Snapshot } from "../bindings/Snapshot";
import type { Trouble } from "../bindings/Trouble";

const SECOND = 1000;
const MINUTE = 60 * SECOND;

export const REGIONS: RegionView[] = [
  { label: "Americas (US East)", domain: "mypurecloud.com" },
  { label: "Americas (US West)", domain: "usw2.pure.cloud" },
  { label: "Europe (Frankfurt)", domain: "mypurecloud.de" },
  { label: "Europe (Ireland)", domain: "mypurecloud.ie" },
];

export const PRESENCES: AgentView["presences"] = [
  { id: "p-available", label: "Available", system: "Available" },
  { id: "p-busy", label: "Busy", system: "Busy" },
  { id: "p-away", label: "Away", system: "Away" },
  { id: "p-break", label: "Break", system: "Break" },
  { id: "p-meal", label: "Meal", system: "Meal" },
  { id: "p-meeting", label: "Meeting", system: "Meeting" },
  { id: "p-training", label: "Training", system: "Training" },
  { id: "p-queue", label: "On Queue", system: "OnQueue" },
  { id: "p-coaching", label: "Coaching with Priya", system: "Busy" },
];

const REQUEUES = "Goes back to the queue. You become Not Responding.";
const VOICEMAIL = "The caller goes to your voicemail.";

export function trouble(
  code: string,
  message: string,
  cure: string | null = null,
  retryable = true,
): Trouble {
  return { code, message, cure, retryable };
}

export function anOffer(leg: string, now: number, change: Partial<OfferView> = {}): OfferView {
  return {
    leg,
    conversation: `conversation-${leg}`,
    medium: "call",
    messageType: null,
    caller: "Marta Lindqvist",
    address: "+44 20 7946 0018",
    queue: "Billing",
    subject: null,
    direct: false,
    since: now - 6 * SECOND,
    endsAt: now + 14 * SECOND,
    autoAnswer: false,
    dismissed: false,
    declineMeans: REQUEUES,
    answer: { state: "idle" },
    decline: { state: "idle" },
    ...change,
  };
}

export function aLink(now: number, change: Partial<LinkView> = {}): LinkView {
  const since = now - 47 * MINUTE;
  return { state: "connected", since, trouble: null, nextTryAt: null, attempt: 0, caughtUp: true, ...change };
}

export function aDeafDay(now: number, change: Partial<DeafView> = {}): DeafView {
  const day = new Date(now).setHours(0, 0, 0, 0);
  return { day, closed: 0, gaps: 0, missed: 0, settled: true, since: null, ...change };
}

export function anAgent(now: number, change: Partial<AgentView> = {}): AgentView {
  return {
    id: "agent-1",
    name: "Noor Haddad",
    organization: "Northwind Energy",
    presence: { definitionId: "p-queue", label: "On Queue", system: "OnQueue", since: now - 32 * MINUTE },
    presences: PRESENCES,
    onQueue: true,
    routing: { status: "IDLE", since: now - 3 * MINUTE },
    presenceChange: { state: "idle" },
    ...change,
  };
}

function missed(now: number): MissedView[] {
  return [
    {
      ...{ id: "m1", conversation: "c1", medium: "call", caller: "Tomás Ferreira", queue: "Moving home" },
      ...{ at: now - 4 * MINUTE, end: "while_deaf", reason: "Arrived while reconnecting (close 1006)" },
    },
    {
      ...{ id: "m2", conversation: "c2", medium: "message", caller: "Ji-woo Park", queue: "Messages" },
      ...{ at: now - 51 * MINUTE, end: "timed_out", reason: "Rang 20 s without an answer" },
    },
    {
      ...{ id: "m3", conversation: null, medium: null, caller: null, queue: null },
      ...{
        at: now - 26 * 60 * MINUTE,
        end: "while_deaf",
        reason: "An offer was missed, details unavailable",
      },
    },
  ];
}

function conversations(now: number): ConversationView[] {
  return [
    {
      ...{ leg: "t1", conversation: "t1", medium: "call", messageType: null, caller: "Oluwaseun Adeyemi" },
      ...{ queue: "Billing", state: "connected", since: now - 4 * MINUTE, held: true, muted: false },
    },
    {
      ...{ leg: "t2", conversation: "t2", medium: "message", messageType: "whatsapp", caller: "Ana Kovač" },
      ...{ queue: "Messages", state: "connected", since: now - 12 * MINUTE, held: false, muted: false },
    },
    {
      ...{
        leg: "t3",
        conversation: "t3",
        medium: "email",
        messageType: null,
        caller: "accounts@harbour-bakery.example",
      },
      ...{ queue: "Email", state: "wrap_up", since: now - 40 * SECOND, held: false, muted: false },
    },
  ];
}

const SETTINGS: SettingsView = {
  region: "mypurecloud.de",
  loginUrl: "",
  apiUrl: "",
  clientId: "3f6f1c1e-0c53-4f0c-9d0a-52f1f5e1a7b2",
  locked: [],
  trouble: null,
  managedTrouble: null,
};

const byEnvironment = (field: string, variable: string, shown: string): LockedView => ({
  ...{ field, by: "environment", reason: `Set by your environment (${variable})`, shown },
});

const byAdministrator = (field: string, shown: string): LockedView => ({
  ...{ field, by: "administrator", reason: "Set by your administrator in /etc/earshot/config.toml", shown },
});

/** What an administrator may set. */
export const MANAGED: LockedView[] = [
  byAdministrator("region", "Region: mypurecloud.de"),
  byAdministrator("clientId", `OAuth client ID: ${SETTINGS.clientId}`),
  byAdministrator("redirectPort", "Sign-in port: 8086"),
  byAdministrator("clientSecretFile", "OAuth client secret: in /home/ada/.config/earshot/secret"),
  byAdministrator("autostart", "Starts when you log in: yes"),
];

export function aView(change: Partial<AppView> = {}): AppView {
  return {
    revision: 1,
    stage: { name: "desk" },
    snapshot: null,
    practice: false,
    settings: SETTINGS,
    settingsOpen: false,
    sound: { ring: true, volume: 70, trouble: null },
    notResponding: null,
    startAtLogin: false,
    deafToday: null,
    version: "0.1.0",
    ...change,
  };
}

export function aDesk(now: number, change: Partial<Snapshot> = {}, view: Partial<AppView> = {}): AppView {
  const snapshot: Snapshot = {
    revision: 7,
    link: aLink(now),
    agent: anAgent(now),
    offers: [],
    conversations: [],
    missed: [],
    notices: [],
    ...change,
  };
  const routing = snapshot.agent?.routing;
  const notResponding = routing?.status === "NOT_RESPONDING" ? { since: routing.since, hidden: false } : null;
  return aView({ snapshot, notResponding, deafToday: aDeafDay(now), ...view });
}

const twoOffers = (now: number): OfferView[] => [
  anOffer("call", now),
  anOffer("mail", now, {
    ...{
      medium: "email",
      caller: "Harbour Bakery",
      address: "accounts@harbour-bakery.example",
      queue: "Email",
    },
    ...{
      subject: "Wrong meter reading on invoice 2024-1187, second reminder",
      since: now - 2 * SECOND,
      endsAt: null,
    },
  }),
];

const busyInteracting = (now: number): AgentView =>
  anAgent(now, { routing: { status: "INTERACTING", since: now - 4 * MINUTE } });

/** Every scenario by its name. */
export const SCENARIOS: Record<string, (now: number) => AppView> = {
  "sign-in": () => aView({ stage: { name: "signed_out", trouble: null, farewell: null } }),
  "sign-in-custom": () =>
    aView({
      stage: {
        name: "signed_out",
        trouble: trouble(
          "signin.unreachable",
          "The sign-in address does not answer.",
          "Check the address, or ask your administrator for it.",
        ),
        farewell: null,
      },
      settings: {
        ...SETTINGS,
        ...{ region: "custom", loginUrl: "https://login.example.test", apiUrl: "https://api.example.test" },
        locked: [
          byEnvironment("loginUrl", "EARSHOT_LOGIN_URL", "Sign-in address: https://login.example.test"),
          byEnvironment("region", "EARSHOT_LOGIN_URL", "Region: custom"),
        ],
      },
    }),
  "sign-in-managed": () =>
    aView({
      stage: { name: "signed_out", trouble: null, farewell: null },
      settings: { ...SETTINGS, locked: MANAGED },
    }),
  "sign-in-managed-broken": () =>
    aView({
      stage: { name: "signed_out", trouble: null, farewell: null },
      settings: {
        ...SETTINGS,
        managedTrouble: trouble(
          "managed.broken",
          "Your administrator's settings in /etc/earshot/config.toml cannot be used (line 3: unknown field `regoin`, expected one of `region`, `login_url`, `api_url`, `client_id`). Earshot uses none of them.",
          "Tell your administrator. Until then you can enter the settings yourself.",
          false,
        ),
      },
    }),
  managed: (now) => aDesk(now, {}, { settings: { ...SETTINGS, locked: MANAGED }, startAtLogin: true }),
  "signed-out": () =>
    aView({
      stage: {
        name: "signed_out",
        trouble: null,
        farewell: {
          severity: "info",
          trouble: trouble(
            "signed_out.done",
            "Signed out. Your token was revoked and nothing is left on this computer.",
          ),
        },
      },
    }),
  resuming: () => aView({ stage: { name: "resuming" } }),
  "signing-in": (now) => aView({ stage: { name: "signing_in", until: now + 284 * SECOND } }),
  starting: () => aView(),
  quiet: (now) => aDesk(now),
  "off-queue": (now) =>
    aDesk(now, {
      agent: anAgent(now, {
        presence: { definitionId: "p-meal", label: "Meal", system: "Meal", since: now - 18 * MINUTE },
        onQueue: false,
        routing: { status: "OFF_QUEUE", since: now - 18 * MINUTE },
      }),
      missed: missed(now).slice(1, 2),
    }),
  offers: (now) => aDesk(now, { offers: twoOffers(now), missed: missed(now).slice(1, 2) }),
  busy: (now) =>
    aDesk(
      now,
      { agent: busyInteracting(now), conversations: conversations(now), missed: missed(now) },
      { deafToday: aDeafDay(now, { closed: 4 * SECOND, gaps: 2, missed: 1 }) },
    ),
  media: (now) =>
    aDesk(now, {
      offers: [
        anOffer("wa", now, {
          ...{ medium: "message", messageType: "whatsapp", caller: "Ana Kovač", address: "+385 1 555 0142" },
          ...{ queue: "Messages", endsAt: now + 3 * SECOND },
        }),
        anOffer("cb", now, {
          ...{
            medium: "callback",
            caller: "Oluwaseun Adeyemi",
            queue: "Callbacks",
            endsAt: now + 75 * SECOND,
          },
        }),
        anOffer("direct", now, {
          ...{ caller: "Priya Raman", address: null, queue: null, direct: true, endsAt: null },
          declineMeans: VOICEMAIL,
        }),
      ],
    }),
  auto: (now) =>
    aDesk(now, {
      offers: [anOffer("auto", now, { autoAnswer: true, medium: "message", messageType: "webmessaging" })],
    }),
  acting: (now) =>
    aDesk(now, {
      offers: [
        anOffer("pending", now, { answer: { state: "pending" } }),
        anOffer("failed", now, {
          ...{ medium: "message", messageType: "sms", caller: "Ji-woo Park", queue: "Messages" },
          answer: {
            state: "failed",
            trouble: trouble(
              "answer.no_station",
              "Genesys could not connect the call: no phone is selected.",
              "Choose a phone in Genesys Cloud, then answer again.",
            ),
          },
        }),
      ],
    }),
  dismissed: (now) =>
    aDesk(now, { offers: twoOffers(now).map((offer, i) => ({ ...offer, dismissed: i === 0 })) }),
  reconnecting: (now) =>
    aDesk(
      now,
      {
        link: aLink(now, {
          ...{ state: "reconnecting", since: now - 14 * SECOND, nextTryAt: now + 4 * SECOND, attempt: 4 },
          ...{ caughtUp: false, trouble: trouble("link.closed", "The connection was cut (close 1006).") },
        }),
        missed: missed(now).slice(1),
      },
      { deafToday: aDeafDay(now, { gaps: 1, settled: false, since: now - 14 * SECOND }) },
    ),
  "catching-up": (now) =>
    aDesk(now, {
      link: aLink(now, {
        ...{ since: now - 2 * SECOND, caughtUp: false },
        trouble: trouble("link.closed", "The connection was cut for 14 s (close 1006)."),
      }),
    }),
  offline: (now) =>
    aDesk(now, {
      link: aLink(now, {
        ...{ state: "offline", since: now - 95 * SECOND, caughtUp: false },
        trouble: trouble(
          "network.none",
          "This computer has no network.",
          "Check the cable or the wireless network.",
        ),
      }),
    }),
  "sign-in-needed": (now) =>
    aDesk(now, {
      link: aLink(now, {
        ...{ state: "sign_in_needed", since: now - 8 * SECOND, caughtUp: false },
        trouble: trouble("token.expired", "Your session has ended.", "Sign in again.", false),
      }),
    }),
  blocked: (now) =>
    aDesk(now, {
      link: aLink(now, {
        ...{ state: "blocked", since: now - 3 * MINUTE, nextTryAt: now + 41 * SECOND, caughtUp: false },
        trouble: trouble(
          "scope.missing",
          "Earshot may not hear your conversations: the scope “notifications” is missing.",
          "Ask your administrator to add it to Earshot's OAuth client.",
          false,
        ),
      }),
      agent: null,
    }),
  "not-responding": (now) =>
    aDesk(now, {
      agent: anAgent(now, { routing: { status: "NOT_RESPONDING", since: now - 66 * SECOND } }),
      missed: missed(now),
      notices: [
        {
          severity: "info",
          trouble: trouble("store.none", "There is no key store here. You sign in again after a restart."),
        },
      ],
    }),
  practice: (now) => aDesk(now, { offers: [anOffer("call", now)], missed: missed(now) }, { practice: true }),
  troubles: (now) =>
    aDesk(
      now,
      {
        agent: anAgent(now, {
          presenceChange: {
            state: "failed",
            trouble: trouble(
              "presence.refused",
              "Genesys did not accept the change.",
              "Try again in a moment.",
            ),
          },
        }),
        notices: [
          {
            severity: "warning",
            trouble: trouble(
              "topic.rejected",
              "Summaries cannot be heard: permission analytics:conversationDetail:view is missing.",
              "Ask your administrator for it. Calls still ring.",
            ),
          },
        ],
      },
      {
        sound: {
          ...{ ring: true, volume: 70 },
          trouble: trouble(
            "sound.none",
            "No sound device was found.",
            "Plug in a headset. Pop-ups still appear.",
          ),
        },
      },
    ),
};

/** The scenario of that name, else the quiet desk. */
export function scenario(name: string, now: number): AppView {
  return (SCENARIOS[name] ?? SCENARIOS.quiet ?? aView)(now as never);
}
