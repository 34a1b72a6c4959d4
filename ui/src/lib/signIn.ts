// Signing in once more, with what is stored: from the connection indicator and from the notice that the sign-in ends.

import type { SettingsView } from "../bindings/SettingsView";
import type { Page } from "./page.svelte";

export function signInAgain(page: Page, settings: SettingsView): void {
  const { region, loginUrl, apiUrl, clientId } = settings;
  void page.act({ name: "sign_in", form: { region, loginUrl, apiUrl, clientId } });
}
