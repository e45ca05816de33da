/** The alarms: automations that were made from the blueprint, with their schedules. */

import type { HomeAssistant } from "./ha.js";
import { DOMAIN } from "./players.js";

export interface Alarm {
  readonly automation: string;
  readonly schedules: readonly string[];
}

/** What Home Assistant says of an item. */
interface Related {
  readonly automation?: readonly string[];
  readonly automation_blueprint?: readonly string[];
  readonly entity?: readonly string[];
}

/** The blueprint's file, in whichever folder it was put. */
const BLUEPRINT = /(^|\/)alarm\.yaml$/;

/**
 * Return the alarms, in the order of their entity ids.
 *
 * Only administrators may list blueprints. Everybody may ask what a schedule belongs to, of which
 * there are few, and each alarm has one.
 */
export async function findAlarms(hass: HomeAssistant): Promise<Alarm[]> {
  const schedules = Object.keys(hass.states).filter((id) => id.startsWith("schedule."));
  const byAutomation = new Map<string, string[]>();
  const related = await Promise.all(schedules.map((id) => findRelated(hass, "entity", id)));
  related.forEach(({ automation = [] }, at) => {
    for (const id of automation)
      byAutomation.set(id, [...(byAutomation.get(id) ?? []), schedules[at] as string]);
  });
  const found = await Promise.all(
    [...byAutomation].map(async ([automation, of]) =>
      isAlarm(hass, await findRelated(hass, "automation", automation))
        ? [{ automation, schedules: of.sort() }]
        : [],
    ),
  );
  return found.flat().sort((a, b) => a.automation.localeCompare(b.automation));
}

async function findRelated(hass: HomeAssistant, type: string, id: string): Promise<Related> {
  try {
    return await hass.callWS<Related>({ type: "search/related", item_type: type, item_id: id });
  } catch {
    return {}; // removed meanwhile
  }
}

/** Other people's blueprints may have the same name: ours plays on one of our players. */
const isAlarm = (hass: HomeAssistant, { automation_blueprint = [], entity = [] }: Related) =>
  automation_blueprint.some((path) => BLUEPRINT.test(path)) &&
  entity.some((id) => hass.entities[id]?.platform === DOMAIN);
