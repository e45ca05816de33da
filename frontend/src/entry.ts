/** What every page of Home Assistant loads: the names of the card and the dashboard, no more. */

import { MusicAssistantCard } from "./card-shell.js";
import { CARD, CARD_TYPE } from "./config.js";
import type { HomeAssistant } from "./ha.js";
import { pickerText } from "./picker.js";
import { DOMAIN } from "./players.js";

declare global {
  interface Window {
    customCards?: object[];
    customStrategies?: object[];
  }
}

const STRATEGY = "music-assistant";
const DOCUMENTATION = "https://www.music-assistant.io";

/** Makes the dashboard; Home Assistant asks again when entities, devices or areas change. */
class MusicDashboardStrategy extends HTMLElement {
  static readonly noEditor = true;

  static async generate(_config: object, hass: HomeAssistant): Promise<object> {
    return (await import("./strategy.js")).generateDashboard(hass);
  }

  static getCreateSuggestions(): object {
    return { title: pickerText("dashboard"), icon: "mdi:music" };
  }
}

const ELEMENTS: Readonly<Record<string, CustomElementConstructor>> = {
  [CARD]: MusicAssistantCard,
  [`ll-strategy-dashboard-${STRATEGY}`]: MusicDashboardStrategy,
};

(window.customCards ??= []).push({
  type: CARD,
  name: "Music Assistant",
  get description() {
    return pickerText("card_description");
  },
  preview: true,
  documentationURL: DOCUMENTATION,
  getEntitySuggestion(hass: HomeAssistant, entityId: string) {
    const ours =
      entityId.startsWith("media_player.") && hass.entities[entityId]?.platform === DOMAIN;
    return ours ? { config: { type: CARD_TYPE, entity: entityId } } : null;
  },
});
(window.customStrategies ??= []).push({
  type: STRATEGY,
  strategyType: "dashboard",
  get name() {
    return pickerText("dashboard");
  },
  get description() {
    return pickerText("dashboard_description");
  },
  documentationURL: DOCUMENTATION,
});

function define(): void {
  for (const [name, element] of Object.entries(ELEMENTS))
    if (!customElements.get(name)) customElements.define(name, element);
}

// Home Assistant replaces the page's registry of elements while it starts, and what was defined
// before is lost. Its own elements are defined in the new one, so those are waited for. A page
// without them, such as Cast's, has this as a resource that it loads when it has started.
const LIMIT = 10_000;
void Promise.race([
  customElements.whenDefined("home-assistant"),
  customElements.whenDefined("hc-main"),
  new Promise((resolve) => setTimeout(resolve, LIMIT)),
]).then(define);
if (customElements.get("home-assistant")) define();
