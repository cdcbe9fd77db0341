import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "@playwright/test";
import { fileOf, type When } from "./shoot";

// The main screens side by side, by day and by night, for the README.
const main = ["start-known", "picker", "continue", "accounts", "manage", "access", "history", "recovery-words", "recover", "pair-code"];

const sheet = new URL("../../../docs/screens.png", import.meta.url).pathname;

test("a sheet of the main screens", async ({ page }) => {
  const figure = (screen: string, when: When) => {
    const file = fileOf(screen, "phone", when);
    expect(existsSync(file), `${file} was not taken`).toBe(true);
    return `<img class="${when}" src="data:image/png;base64,${readFileSync(file).toString("base64")}">`;
  };
  const row = (when: When, from: number) => main.map((screen, i) => figure(screen, (i + from) % 2 === 0 ? when : other[when])).join("");
  const other = { light: "dark", dark: "light" } as const;
  await page.setContent(`<style>
    body { margin: 0; padding: 28px; background: #dfe6e2; display: grid; grid-template-columns: repeat(${Math.ceil(main.length / 2)}, 1fr); gap: 20px; width: 1400px; box-sizing: border-box }
    img { width: 100%; aspect-ratio: 390 / 844; object-fit: cover; object-position: top; border-radius: 18px; box-shadow: 0 2px 14px rgb(16 35 29 / 18%) }
  </style>${row("light", 0)}`);
  await page.setViewportSize({ width: 1400, height: 800 });
  await page.screenshot({ path: sheet, fullPage: true, scale: "css" });
});
