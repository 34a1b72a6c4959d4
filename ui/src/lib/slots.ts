// Which card stands where in the pop-up. A card never moves under the pointer: new ones come last, and the place of one
// that has ended stays empty for as long as the pointer is over the stack.

import type { OfferView } from "../bindings/OfferView";

/** A place in the stack. */
export interface Slot {
  readonly leg: string;
  /** `null`: the card says that the agent is Not Responding. */
  readonly offer: OfferView | null;
  /** The offer has ended, or the agent has hidden it; only its place is kept. */
  readonly gone: false | "ended" | "hidden";
}

/** In the place of a leg, for the card that is no offer. No leg of Genesys is called so. */
export const NOT_RESPONDING = "not responding";

/** How long after the pointer has left the empty places are kept, for a hand that comes straight back. */
export const KEEP_PLACES_MS = 600;

/**
 * The places after the offers have changed. `hold`: the pointer is over the stack, or was a moment ago.
 * `notResponding`: that is to be said too.
 */
export function arrange(
  slots: readonly Slot[],
  offers: readonly OfferView[],
  hold: boolean,
  notResponding = false,
): Slot[] {
  const shown = new Map<string, OfferView | null>(
    offers.filter((offer) => !offer.dismissed).map((offer) => [offer.leg, offer]),
  );
  if (notResponding) shown.set(NOT_RESPONDING, null);
  // With nothing left to press there is nothing to keep still; the window goes.
  if (shown.size === 0) return [];

  const hidden = new Set(offers.filter((offer) => offer.dismissed).map((offer) => offer.leg));
  const next: Slot[] = [];
  for (const slot of slots) {
    const offer = shown.get(slot.leg);
    if (offer !== undefined) next.push({ leg: slot.leg, offer, gone: false });
    else if (hold) next.push({ ...slot, gone: hidden.has(slot.leg) ? "hidden" : "ended" });
    shown.delete(slot.leg);
  }
  for (const [leg, offer] of shown) next.push({ leg, offer, gone: false });
  return next;
}

/** The places without the empty ones. */
export function collapse(slots: readonly Slot[]): Slot[] {
  return slots.filter((slot) => slot.gone === false);
}

/** The card that the keys are for: the one that has the focus, else the first offer, else what else there is. */
export function aim(slots: readonly Slot[], focused: string | null): Slot | null {
  const live = collapse(slots);
  return (
    live.find((slot) => slot.leg === focused) ?? live.find((slot) => slot.offer !== null) ?? live[0] ?? null
  );
}
