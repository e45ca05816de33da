/** What the card's editor and Home Assistant's card picker are told. */

import { checkConfig, SHELVES, VIEWS, type CardConfig } from "./config.js";
import type { HomeAssistant } from "./ha.js";
import { isTextKey, loadTexts, localize, type TextKey } from "./localize.js";
import { DOMAIN, pickPlayer, playersIn } from "./players.js";

/** Return the form of the visual editor. */
export async function configForm(language: string): Promise<object> {
  await loadTexts(language);
  const t = (key: TextKey): string => localize(language, key);
  const options = (values: readonly string[], prefix: string): object[] =>
    values.map((value) => ({ value, label: t(`${prefix}${value}` as TextKey) }));
  return {
    schema: [
      {
        name: "entity",
        selector: {
          entity: {
            filter: { integration: DOMAIN, domain: "media_player", device_class: "speaker" },
          },
        },
      },
      { name: "views", selector: { select: { multiple: true, options: options(VIEWS, "view_") } } },
      {
        name: "library",
        selector: { select: { mode: "dropdown", options: options(SHELVES, "shelf_") } },
      },
      {
        name: "height",
        selector: { number: { min: 56, max: 1200, mode: "box", unit_of_measurement: "px" } },
      },
    ],
    computeLabel: (field: { name: string }) => t(`config_${field.name}` as TextKey),
    computeHelper: (field: { name: string }) => {
      const key = `config_${field.name}_help`;
      return isTextKey(key) ? t(key) : undefined;
    },
    assertConfig: checkConfig,
  };
}

/** Return what the card picker shows: a player that plays, if one does. */
export function stubConfig(hass: HomeAssistant): Omit<CardConfig, "type"> {
  const player = pickPlayer(playersIn(hass));
  return player ? { entity: player.entityId } : {};
}
