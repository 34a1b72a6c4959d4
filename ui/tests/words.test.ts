import { describe, expect, it } from "vitest";
import type { LinkState } from "../src/bindings/LinkState";
import { aDesk, aLink } from "../src/fake/scenarios";
import { conversationWord, linkFace, mediumWord, presenceFace, routingWord } from "../src/lib/words";

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
