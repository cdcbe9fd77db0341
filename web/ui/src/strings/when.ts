// Points in time, as people say them in the language of the page.

import { language } from "../language";

const steps: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 365 * 24 * 3600],
  ["month", 30 * 24 * 3600],
  ["week", 7 * 24 * 3600],
  ["day", 24 * 3600],
  ["hour", 3600],
  ["minute", 60],
];

// "3 days ago", "now". Milliseconds since 1970.
export function ago(then: number, now = Date.now()): string {
  const format = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  const seconds = Math.max(0, (now - then) / 1000);
  for (const [unit, length] of steps) {
    if (seconds >= length) {
      return format.format(-Math.floor(seconds / length), unit);
    }
  }
  return format.format(0, "second");
}

// "25 November 2026"
export function day(then: number): string {
  return new Intl.DateTimeFormat(language, { dateStyle: "long" }).format(then);
}

// "25 Nov 2026, 16:20"
export function moment(then: number): string {
  return new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }).format(
    then,
  );
}

// "1:05" of a minute and five seconds.
export function clock(milliseconds: number): string {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
