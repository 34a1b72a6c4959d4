import { describe, expect, it } from "vitest";
import { anOffer } from "../src/fake/scenarios";
import { aim, arrange, collapse, type Slot } from "../src/lib/slots";

const offers = (...legs: string[]) => legs.map((leg) => anOffer(leg, 0));
const picture = (slots: readonly Slot[]): string =>
  slots.map((slot) => (slot.gone === false ? slot.leg : `(${slot.leg} ${slot.gone})`)).join(" ");

describe("places in the pop-up", () => {
  it("puts a new card last, wherever it stands in the list", () => {
    const slots = arrange([], offers("b", "c"), false);
    expect(picture(arrange(slots, offers("a", "b", "c"), false))).toBe("b c a");
  });

  it("shows what has changed about an offer in its old place", () => {
    const slots = arrange([], offers("a", "b"), true);
    const next = arrange(slots, [anOffer("b", 0), anOffer("a", 0, { caller: "Now with a name" })], true);
    expect(picture(next)).toBe("a b");
    expect(next[0]?.offer?.caller).toBe("Now with a name");
  });

  it("closes up at once when no pointer is over it", () => {
    const slots = arrange([], offers("a", "b", "c"), false);
    expect(picture(arrange(slots, offers("a", "c"), false))).toBe("a c");
  });

  it("keeps every other card where it is while the pointer is over it", () => {
    const slots = arrange([], offers("a", "b", "c"), true);
    const next = arrange(slots, offers("a", "c", "d"), true);
    expect(picture(next)).toBe("a (b ended) c d");
    expect(picture(collapse(next))).toBe("a c d");
  });

  it("never puts a new card in the place of one that is gone", () => {
    const slots = arrange(arrange([], offers("a", "b"), true), offers("b"), true);
    expect(picture(arrange(slots, offers("c", "b"), true))).toBe("(a ended) b c");
  });

  it("lets an offer that comes back have its place again", () => {
    const slots = arrange(arrange([], offers("a", "b"), true), offers("b"), true);
    expect(picture(arrange(slots, offers("a", "b"), true))).toBe("a b");
  });

  it("draws no hidden offer, and says that a kept place was hidden", () => {
    const hidden = anOffer("a", 0, { dismissed: true });
    expect(picture(arrange([], [hidden, ...offers("b")], false))).toBe("b");
    const slots = arrange([], offers("a", "b"), true);
    expect(picture(arrange(slots, [hidden, ...offers("b")], true))).toBe("(a hidden) b");
  });

  it("is empty as soon as nothing is offered, pointer or not", () => {
    expect(arrange(arrange([], offers("a", "b"), true), [], true)).toEqual([]);
  });
});

describe("the card that the keys are for", () => {
  const slots = arrange(arrange([], offers("a", "b", "c"), true), offers("b", "c"), true);

  it("is the one with the focus, else the first that is still offered", () => {
    expect(aim(slots, "c")?.leg).toBe("c");
    expect(aim(slots, null)?.leg).toBe("b");
    expect(aim(slots, "a")?.leg).toBe("b");
    expect(aim([], null)).toBeNull();
  });
});
