// Genesys' own values as the words and shapes that the pages draw. A value that is not known here is shown as it is.

import type { DeafView } from "../bindings/DeafView";
import type { LinkState } from "../bindings/LinkState";
import type { LinkView } from "../bindings/LinkView";
import type { Medium } from "../bindings/Medium";
import type { Snapshot } from "../bindings/Snapshot";
import { age } from "./time";

/** How a state feels; the colour goes by this, never alone. */
export type Tone = "good" | "busy" | "warn" | "bad" | "quiet";

/** The words that the connection indicator begins with. Assistive technology and tests rely on them. */
export type LinkWord = "Connected" | "Connecting" | "Reconnecting" | "Offline" | "Sign-in needed" | "Blocked";

const LINK: Record<LinkState, { word: LinkWord; tone: Tone }> = {
  closed: { word: "Sign-in needed", tone: "bad" },
  connecting: { word: "Connecting", tone: "busy" },
  connected: { word: "Connected", tone: "good" },
  reconnecting: { word: "Reconnecting", tone: "warn" },
  offline: { word: "Offline", tone: "warn" },
  sign_in_needed: { word: "Sign-in needed", tone: "bad" },
  blocked: { word: "Blocked", tone: "bad" },
};

/** The connection as the indicator draws it. */
export interface LinkFace {
  state: LinkState;
  word: LinkWord;
  tone: Tone;
  link: LinkView | null;
}

/** Before the engine's first word there is a closed link of revision 0: that is a start, not an end. */
export function linkFace(snapshot: Snapshot | null): LinkFace {
  const link = snapshot?.link ?? null;
  const starting = snapshot === null || (snapshot.revision === 0 && snapshot.link.state === "closed");
  const state = starting || link === null ? "connecting" : link.state;
  return { state, ...LINK[state], link: starting ? null : link };
}

/** How deaf Earshot was today, in a sentence. That nothing was missed is claimed only once it has been looked up. */
export function deafWords(deaf: DeafView, now: number): string {
  const midnight = new Date(now).setHours(0, 0, 0, 0);
  // After midnight and before the next view: of today only the gap that is still open is known.
  const yesterday = deaf.day < midnight;
  const open = deaf.since === null ? 0 : Math.max(0, now - Math.max(deaf.since, midnight));
  const gaps = yesterday ? Number(deaf.since !== null) : deaf.gaps;
  if (gaps === 0) return "No gap in hearing today.";
  const ms = open + (yesterday ? 0 : deaf.closed);
  const long = ms < 1000 ? "less than 1 s" : age(0, ms);
  const missed = yesterday ? 0 : deaf.missed;
  let found = "";
  if (missed > 0) found = `, ${missed === 1 ? "1 offer" : `${missed} offers`} missed`;
  else if (deaf.settled && deaf.since === null) found = ", nothing missed";
  return `Deaf today: ${long} in ${gaps === 1 ? "1 gap" : `${gaps} gaps`}${found}.`;
}

const MEDIUM: Record<Medium, string> = {
  call: "Call",
  callback: "Callback",
  message: "Message",
  email: "Email",
  chat: "Chat",
  video: "Video",
  screenshare: "Screen share",
  cobrowse: "Co-browse",
  social: "Social",
  other: "Conversation",
};

const MESSAGE: Record<string, string> = {
  whatsapp: "WhatsApp",
  sms: "SMS",
  webmessaging: "Web message",
  facebook: "Facebook",
  instagram: "Instagram",
  twitter: "X",
  line: "LINE",
  apple: "Apple Messages",
  open: "Message",
};

/** What kind of conversation this is, in words. */
export function mediumWord(medium: Medium | null, messageType: string | null = null): string {
  if (medium === "message" && messageType !== null) {
    return MESSAGE[messageType.toLowerCase()] ?? `Message (${messageType})`;
  }
  return medium === null ? "Conversation" : MEDIUM[medium];
}

const CONVERSATION: Record<string, string> = {
  connected: "Talking",
  dialing: "Dialling",
  wrap_up: "Wrap up",
  parked: "Parked",
};

/** Where a conversation stands, in words. Only voices talk; the rest is open. */
export function conversationWord(state: string, medium: Medium): string {
  if (state === "connected" && medium !== "call" && medium !== "callback" && medium !== "video")
    return "Open";
  return CONVERSATION[state] ?? state;
}

const ROUTING: Record<string, string> = {
  OFF_QUEUE: "Off queue",
  IDLE: "Idle",
  INTERACTING: "Interacting",
  COMMUNICATING: "Communicating",
  NOT_RESPONDING: "Not Responding",
};

/** The routing status, in words; empty while it is not known. */
export function routingWord(status: string): string {
  return ROUTING[status] ?? status;
}

/** The shape that stands for a presence. */
export type PresenceShape = "disc" | "arcs" | "minus" | "moon" | "pause" | "ring";

const PRESENCE: Record<string, { shape: PresenceShape; tone: Tone }> = {
  available: { shape: "disc", tone: "good" },
  onqueue: { shape: "arcs", tone: "good" },
  busy: { shape: "minus", tone: "bad" },
  meeting: { shape: "minus", tone: "bad" },
  training: { shape: "minus", tone: "bad" },
  away: { shape: "moon", tone: "warn" },
  idle: { shape: "moon", tone: "warn" },
  break: { shape: "pause", tone: "warn" },
  meal: { shape: "pause", tone: "warn" },
  offline: { shape: "ring", tone: "quiet" },
};

/** Shape and tone of a system presence, in whichever of its spellings (`OnQueue`, `ON_QUEUE`, `On Queue`). */
export function presenceFace(system: string): { shape: PresenceShape; tone: Tone } {
  return PRESENCE[system.toLowerCase().replaceAll(/[^a-z]/g, "")] ?? { shape: "ring", tone: "quiet" };
}
