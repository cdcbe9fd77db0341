import { expect, type Page } from "@playwright/test";

// The smallest window that WCAG asks for (1.4.10), which is also a desk at
// 400 %.
export const smallest = { width: 320, height: 512 };

// fits wants no sideways scrolling, and everything that can be pressed within
// reach and on top.
export async function fits(page: Page, screen: string): Promise<void> {
  await page.setViewportSize(smallest);
  const problems = await page.evaluate(async () => {
    await Promise.allSettled(document.getAnimations().map(({ finished }) => finished));
    const found: string[] = [];
    if (document.documentElement.scrollWidth > innerWidth) found.push(`scrolls to ${document.documentElement.scrollWidth} px`);
    const modal = document.querySelector("dialog[open]");
    for (const element of (modal ?? document).querySelectorAll<HTMLElement>("button, a, input")) {
      if (element.getClientRects().length === 0) continue;
      element.scrollIntoView({ block: "center", behavior: "instant" });
      const { left, right, top, bottom, width, height } = element.getBoundingClientRect();
      const name = element.getAttribute("aria-label") ?? element.textContent?.trim() ?? element.tagName;
      if (left < 0 || right > innerWidth || top < 0 || bottom > innerHeight) found.push(`${name} is cut off`);
      const hit = document.elementFromPoint(left + width / 2, top + height / 2);
      if (hit === null || !(element.contains(hit) || hit.contains(element))) found.push(`${name} is covered by ${hit?.outerHTML.slice(0, 80)}`);
      // WCAG 2.5.8; a checkbox is pressed by its label.
      const target = element.closest("label")?.getBoundingClientRect() ?? { width, height };
      if (Math.min(target.width, target.height) < 24) found.push(`${name} is ${target.width} × ${target.height} px`);
    }
    return found;
  });
  expect(problems, screen).toEqual([]);
}
