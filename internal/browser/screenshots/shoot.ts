import type { Page } from "@playwright/test";

// Of the project; `make screenshots` empties it first.
export const folder = new URL("../../../build/screenshots/", import.meta.url).pathname;

export const widths = { phone: 390, desk: 1280 } as const;
export const heights = { phone: 844, desk: 800 } as const;
export type Where = keyof typeof widths;
export type When = "light" | "dark";

export function fileOf(screen: string, where: Where, when: When): string {
  return `${folder}${screen}-${widths[where]}-${when}.png`;
}

// shoot takes the four pictures of a screen, each as soon as it stands still.
export async function shoot(page: Page, screen: string, { whole = false } = {}): Promise<void> {
  for (const where of ["phone", "desk"] as const) {
    await page.setViewportSize({ width: widths[where], height: heights[where] });
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await page.evaluate(async () => {
        await document.fonts.ready;
        await Promise.allSettled(document.getAnimations().map(({ finished }) => finished));
      });
      await page.screenshot({ path: fileOf(screen, where, colorScheme), fullPage: whole, animations: "disabled" });
    }
  }
}
