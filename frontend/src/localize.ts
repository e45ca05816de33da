/** The card's own texts, in the languages of the integration. */

import de from "./translations/de.json";
import en from "./translations/en.json";
import es from "./translations/es.json";
import fr from "./translations/fr.json";
import it from "./translations/it.json";
import nl from "./translations/nl.json";

export type TextKey = keyof typeof en;
export type Values = Readonly<Record<string, string | number>>;

const TEXTS: Readonly<Record<string, Readonly<Record<TextKey, string>> | undefined>> = {
  de,
  en,
  es,
  fr,
  it,
  nl,
};

/** Return a text in a language ("de-CH" is German), English where there is none. */
export function localize(language: string, key: TextKey, values: Values = {}): string {
  const texts = TEXTS[language] ?? TEXTS[language.split("-")[0] ?? ""] ?? en;
  return texts[key].replace(/\{(\w+)\}/g, (all, name: string) => String(values[name] ?? all));
}

export const isTextKey = (key: string): key is TextKey => key in en;
