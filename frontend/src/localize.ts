/** The card's own texts, in the languages of the integration; only the user's one is loaded. */

import en from "./translations/en.json";

export type TextKey = keyof typeof en;
export type Values = Readonly<Record<string, string | number>>;
type Texts = Readonly<Record<TextKey, string>>;

const loaded = new Map<string, Texts>([["en", en]]);

export const hasTexts = (language: string): boolean => loaded.has(language);

/** Load the texts of a language ("de-CH" is German); those that there are none of are English. */
export async function loadTexts(language: string): Promise<void> {
  if (hasTexts(language)) return;
  const texts = (await find(language)) ?? (await find(language.split("-")[0] ?? "")) ?? en;
  loaded.set(language, texts);
}

async function find(name: string): Promise<Texts | undefined> {
  try {
    // esbuild bundles each file of the folder by itself
    return ((await import(`./translations/${name}.json`)) as { default: Texts }).default;
  } catch {
    return undefined; // no such language, or the page is offline: English
  }
}

/** Return a text in a language, in English until its texts are loaded. */
export function localize(language: string, key: TextKey, values: Values = {}): string {
  const texts = loaded.get(language) ?? en;
  return texts[key].replace(/\{(\w+)\}/g, (all, name: string) => String(values[name] ?? all));
}

export const isTextKey = (key: string): key is TextKey => key in en;
