// What stands between an offer and its three buttons: what was asked, what came back, and that each is asked once.

import type { ActionView } from "../bindings/ActionView";
import type { OfferView } from "../bindings/OfferView";
import type { Page } from "./page.svelte";

/** Something that did not work, for `Problem`. */
export interface Complaint {
  readonly message: string;
  readonly cure: string | null;
}

/** Where the actions on an offer stand, as the card draws it. */
export interface Standing {
  readonly answering: boolean;
  readonly declining: boolean;
  /** Answer and Decline do nothing now: one of them is under way. */
  readonly held: boolean;
  /** What is being waited for, in words. */
  readonly word: string | null;
  readonly problems: readonly Complaint[];
}

const key = (action: string, offer: OfferView): string => `${action} ${offer.leg}`;

export function standing(page: Page, offer: OfferView): Standing {
  const answering = offer.answer.state === "pending" || page.busy(key("answer", offer));
  const declining = offer.decline.state === "pending" || page.busy(key("decline", offer));
  return {
    answering,
    declining,
    held: answering || declining,
    word: answering
      ? "Answering. Waiting for Genesys to confirm."
      : declining
        ? "Declining. Waiting for Genesys to confirm."
        : null,
    problems: once([
      ...complaints(offer.answer, page, key("answer", offer)),
      ...complaints(offer.decline, page, key("decline", offer)),
      ...complaints({ state: "idle" }, page, key("dismiss", offer)),
    ]),
  };
}

/** The same sentence about two actions is said once. */
function once(problems: readonly Complaint[]): Complaint[] {
  const same = (a: Complaint, b: Complaint): boolean => a.message === b.message && a.cure === b.cure;
  return problems.filter((problem, i) => problems.findIndex((other) => same(other, problem)) === i);
}

/** The engine's word on a failure, else the command's own. */
function complaints(action: ActionView, page: Page, about: string): Complaint[] {
  if (action.state === "failed") return [{ message: action.trouble.message, cure: action.trouble.cure }];
  const error = page.error(about);
  return error === null ? [] : [{ message: error.message, cure: null }];
}

export function answerOffer(page: Page, offer: OfferView): void {
  if (offer.autoAnswer || standing(page, offer).held) return;
  void page.act({ name: "answer", leg: offer.leg }, key("answer", offer));
}

export function declineOffer(page: Page, offer: OfferView): void {
  if (standing(page, offer).held) return;
  void page.act({ name: "decline", leg: offer.leg }, key("decline", offer));
}

export function dismissOffer(page: Page, offer: OfferView): void {
  if (offer.dismissed) return;
  void page.act({ name: "dismiss", leg: offer.leg }, key("dismiss", offer));
}
