import { accessible } from "./accessible";
import { expect, test } from "./fixtures";

// The page speaks the browser's language if it can.

test.describe("a German browser", () => {
  test.use({ locale: "de-AT" });

  test("is spoken to in German, from the start page to the app", async ({ newcomer }) => {
    const start = await newcomer.context.newPage();
    await start.goto(newcomer.service.url);
    await expect(start.locator("html")).toHaveAttribute("lang", "de");
    await expect(start.getByRole("heading", { level: 1 })).toHaveText("Ein Passkey. In jeder App ein anderes Ich.");
    await accessible(start, "start page in German");
    await start.close();

    const demo = await newcomer.openDemo();
    const window = await newcomer.pressSignIn(demo);
    await window.getByRole("button", { name: "Weiter mit Passkey" }).click();
    await window.getByRole("button", { name: "Neue Identität anlegen" }).click();
    await window.getByPlaceholder("Name der Identität").fill("Ödön");
    await window.getByRole("button", { name: "Identität anlegen" }).click();
    await expect(window.getByRole("heading", { name: /^Weiter zu/ })).toBeVisible();
    // Clients look for this title, whatever the language.
    await expect(window).toHaveTitle("Internet Identity");
    await accessible(window, "continue in German");
    await window.getByRole("button", { name: "Weiter", exact: true }).click();
    await newcomer.signedIn(demo);
  });
});

test.describe("a browser of another language", () => {
  test.use({ locale: "ja-JP" });

  test("is spoken to in English", async ({ newcomer }) => {
    const start = await newcomer.context.newPage();
    await start.goto(newcomer.service.url);
    await expect(start.locator("html")).toHaveAttribute("lang", "en");
    await expect(start.getByRole("heading", { level: 1 })).toContainText("One passkey.");
  });
});
