// The language of the page: the first of the browser's that there are texts
// in, and English otherwise. Every catalogue has all languages, which the type
// checker sees to: pick({ en, de }) wants both in one form.

const languages = ["en", "de"] as const;
export type Language = (typeof languages)[number];

export const language: Language = chosen(globalThis.navigator?.languages ?? []);

export function chosen(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const found = languages.find((known) => tag.toLowerCase().split("-")[0] === known);
    if (found !== undefined) {
      return found;
    }
  }
  return "en";
}

// The widened form of a catalogue: any text in place of each text.
export type Texts<T> = T extends string
  ? string
  : T extends (...args: infer A) => infer R
    ? (...args: A) => Texts<R>
    : { readonly [K in keyof T]: Texts<T[K]> };

export function pick<const T>(catalogue: { en: T; de: Texts<T> }): Texts<T> {
  return catalogue[language] as Texts<T>;
}
