import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { expect, type Page } from "@playwright/test";
import type axe from "axe-core";

const source = readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

declare global {
  interface Window {
    axe: typeof axe;
  }
}

// accessible wants axe-core to find nothing on a screen, in either theme.
export async function accessible(page: Page, screen: string): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.evaluate(await source);
    // A change of theme or screen takes some frames, in which colours of both
    // may stand side by side: what counts is what stays.
    const violations = () =>
      page.evaluate(async () => {
        // An animation that is cut off by the next screen is over, too.
        await Promise.allSettled(document.getAnimations().map(({ finished }) => finished));
        const { violations: found } = await window.axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] });
        return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html} (${failureSummary})`).join(" ")}`);
      });
    await expect.poll(violations, { message: `${screen}, ${colorScheme}`, timeout: 15_000 }).toEqual([]);
  }
}
