import { describe, expect, it } from "vitest";
import type { LinkState } from "../src/bindings/LinkState";
import { aDeafDay, aDesk, aLink } from "../src/fake/scenarios";
import {
  conversationWord,
  deafWords,
  linkFace,
  mediumWord,
  presenceFace,
  routingWord,
} from "../src/lib/words";

const NOW = 1_700_000_000_000;

describe("the indicator's words", () => {
  it.each<[LinkState, string]>([
    ["connected", "Connected"],
    ["connecting", "Connecting"],
    ["reconnecting", "Reconnecting"],
    ["offline", "Offline"],
    ["sign_in_needed", "Sign-in needed"],
    ["blocked", "Blocked"],
    ["closed", "Sign-in needed"],
  ])("%s is %s", (state, word) => {
    expect(linkFace(aDesk(NOW, { link: aLink(NOW, { state }) }).snapshot).word).toBe(word);
  });

  it("takes the closed link before the engine's first word for a start", () => {
    expect(linkFace(null).word).toBe("Connecting");
    const first = aDesk(NOW, { revision: 0, link: aLink(NOW, { state: "closed", since: 0 }) }).snapshot;
    expect(linkFace(first)).toMatchObject({ word: "Connecting", link: null });
  });
});

describe("how deaf today was", () => {
  const noon = new Date(2026, 10, 21, 12).getTime();

  it.each<[Parameters<typeof aDeafDay>[1], string]>([
    [{}, "No gap in hearing today."],
    [{ closed: 4000, gaps: 2 }, "Deaf today: 4 s in 2 gaps, nothing missed."],
    [{ closed: 125_000, gaps: 1, missed: 1 }, "Deaf today: 2 min in 1 gap, 1 offer missed."],
    [{ closed: 400, gaps: 1, missed: 2 }, "Deaf today: less than 1 s in 1 gap, 2 offers missed."],
    [{ closed: 4000, gaps: 1, settled: false }, "Deaf today: 4 s in 1 gap."],
  ])("%j is %s", (change, words) => {
    expect(deafWords(aDeafDay(noon, change), noon)).toBe(words);
  });

  it("counts on while a gap is open, and claims nothing about it", () => {
    const deaf = aDeafDay(noon, { closed: 4000, gaps: 2, settled: false, since: noon - 3000 });
    expect(deafWords(deaf, noon)).toBe("Deaf today: 7 s in 2 gaps.");
    expect(deafWords(deaf, noon + 2000)).toBe("Deaf today: 9 s in 2 gaps.");
  });

  it("begins a new day at midnight, without waiting for a word from the shell", () => {
    const midnight = new Date(2026, 10, 22).getTime();
    expect(deafWords(aDeafDay(noon, { closed: 4000, gaps: 2 }), midnight + 5000)).toBe(
      "No gap in hearing today.",
    );
    const open = aDeafDay(noon, { closed: 4000, gaps: 2, settled: false, since: midnight - 60_000 });
    expect(deafWords(open, midnight + 5000)).toBe("Deaf today: 5 s in 1 gap.");
  });
});

describe("Genesys' words", () => {
  it("names a message by its type, and one it does not know as it comes", () => {
    expect(mediumWord("message", "whatsapp")).toBe("WhatsApp");
    expect(mediumWord("message", "pigeon")).toBe("Message (pigeon)");
    expect(mediumWord("message")).toBe("Message");
    expect(mediumWord(null)).toBe("Conversation");
  });

  it("lets only voices talk", () => {
    expect(conversationWord("connected", "call")).toBe("Talking");
    expect(conversationWord("connected", "email")).toBe("Open");
    expect(conversationWord("wrap_up", "email")).toBe("Wrap up");
    expect(conversationWord("transmitting", "call")).toBe("transmitting");
  });

  it("shows a routing status it does not know as it is", () => {
    expect(routingWord("NOT_RESPONDING")).toBe("Not Responding");
    expect(routingWord("DREAMING")).toBe("DREAMING");
  });

  it("knows a presence in each of its spellings, and tells them apart by shape", () => {
    for (const spelling of ["OnQueue", "ON_QUEUE", "On Queue"])
      expect(presenceFace(spelling).shape).toBe("arcs");
    const shapes = ["Available", "OnQueue", "Busy", "Away", "Break", "Offline"].map(
      (p) => presenceFace(p).shape,
    );
    expect(new Set(shapes).size).toBe(shapes.length);
    expect(presenceFace("Sabbatical").shape).toBe("ring");
  });
});
