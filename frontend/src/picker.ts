/** The few texts that are shown before the card is loaded, in all languages. */

import TEXTS from "./picker.json";

const pageLanguage = (): string => document.documentElement.lang || navigator.language;

/** Return a text, in the language of the page unless another one is given. */
export function pickerText(key: keyof typeof TEXTS, language = pageLanguage()): string {
  const texts: Readonly<Record<string, string | undefined>> = TEXTS[key];
  return texts[language] ?? texts[language.split("-")[0] ?? ""] ?? TEXTS[key].en;
}
