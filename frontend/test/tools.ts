/** How the tests use the card: as a dashboard does, and as a person. */

import { MusicAssistantCard } from "../src/card-shell.js";
import type { CardContent } from "../src/card.js";
import type { CardConfig } from "../src/config.js";
import type { FakeHome } from "./fake-hass.js";

declare global {
  interface Window {
    /** Playwright's page, its keyboard or its mouse. */
    driver(tool: "page" | "keyboard" | "mouse", method: string, ...args: unknown[]): Promise<void>;
  }
}

customElements.define("music-assistant-card", MusicAssistantCard);

export const stage = (): HTMLElement => document.getElementById("stage") as HTMLElement;

export interface Toast {
  readonly message: string;
  readonly action?: { text: string; action: () => void };
}

export interface Shown {
  readonly card: MusicAssistantCard;
  readonly content: CardContent;
  readonly toasts: Toast[];
  /** Hand a changed house to the card, as Home Assistant does. */
  update(): Promise<void>;
}

/** Put a card on the page, of this size. */
export async function show(
  home: FakeHome,
  config: Partial<CardConfig> = {},
  width = 420,
  height = 760,
): Promise<Shown> {
  stage().replaceChildren();
  stage().style.cssText = `width:${width}px;height:${height}px`;
  const card = new MusicAssistantCard();
  const toasts: Toast[] = [];
  card.addEventListener("hass-notification", (event) =>
    toasts.push((event as CustomEvent<Toast>).detail),
  );
  card.layout = "grid";
  card.setConfig({ type: "custom:music-assistant-card", ...config });
  card.hass = home.hass;
  stage().append(card);
  await until(() => card.firstElementChild?.shadowRoot?.querySelector("ha-card"));
  const content = card.firstElementChild as CardContent;
  await settle();
  return {
    card,
    content,
    toasts,
    update: async () => {
      card.hass = home.hass;
      await settle();
    },
  };
}

export const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms));

/** Wait until everything that was asked for is answered and rendered. */
export async function settle(): Promise<void> {
  for (let round = 0; round < 4; round += 1) {
    await new Promise((resolve) => requestAnimationFrame(resolve));
    await pause(5);
  }
}

export async function until<T>(test: () => T, limit = 30_000): Promise<NonNullable<T>> {
  const end = performance.now() + limit;
  for (;;) {
    const value = test();
    if (value) return value;
    if (performance.now() > end) throw new Error(`Not within ${limit} ms: ${test.toString()}`);
    await pause(10);
  }
}

/** Return all elements that match, in whichever shadow root. */
export function all(selector: string, within: Element | ShadowRoot = stage()): HTMLElement[] {
  const found: HTMLElement[] = [];
  for (const element of within.querySelectorAll<HTMLElement>("*")) {
    if (element.matches(selector)) found.push(element);
    if (element.shadowRoot) found.push(...all(selector, element.shadowRoot));
  }
  return found;
}

const nameOf = (element: HTMLElement): string =>
  (element.getAttribute("aria-label") ?? element.textContent).trim().replace(/\s+/g, " ");

/** Return what a person would find by its name. */
export function named(name: string): HTMLElement {
  const controls = all("button, input");
  const found = controls.find((element) => nameOf(element) === name);
  if (!found) throw new Error(`No "${name}" among: ${controls.map(nameOf).join(", ")}`);
  return found;
}

export const has = (name: string): boolean =>
  all("button, input").some((element) => nameOf(element) === name);

/** Click at the middle of an element, with a real pointer. */
export async function click(element: HTMLElement): Promise<void> {
  const box = element.getBoundingClientRect();
  await window.driver("mouse", "click", box.x + box.width / 2, box.y + box.height / 2);
  await settle();
}

/** Press a real key. */
export async function press(key: string): Promise<void> {
  await window.driver("keyboard", "press", key);
  await settle();
}

export const textOf = (selector: string): string =>
  all(selector)
    .map((each) => each.textContent.trim().replace(/\s+/g, " "))
    .join("|");
