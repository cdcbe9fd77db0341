import { Authenticator, securityKey } from "./authenticator";
import { fits } from "./fits";
import { expect, test } from "./fixtures";
import { manage, open } from "./manager";
import { Person } from "./person";

// The screens beside the sign-in window at 320 px, with the longest names.

const longName = "Wolfeschlegelsteinhausenbergerdorff".repeat(2).slice(0, 64);

for (const locale of ["en-US", "de-DE"]) {
  test(`managing an identity fits 320 px: ${locale}`, async ({ browser, service }) => {
    test.slow();
    const german = locale.startsWith("de");
    const person = new Person(await browser.newContext({ locale: "en-US" }), new Authenticator(), service);
    const english = await manage(person, longName);
    const state = await person.context.storageState();
    const context = await browser.newContext({ locale, storageState: state });
    const back = new Person(context, new Authenticator(person.authenticator.all), service);
    const page = await context.newPage();
    await back.authenticator.ready(page);
    await page.goto(`${service.url}/manage`);
    await fits(page, "gate");
    await page.getByRole("button", { name: german ? "Weiter mit Passkey" : "Continue with passkey" }).click();
    await expect(page.getByRole("heading", { level: 1 })).toContainText(longName);
    await fits(page, "home");
    for (const [i, screen] of ["access", "recovery", "apps", "history"].entries()) {
      const link = page.getByRole("navigation").getByRole("link").nth(i + 1);
      await link.click();
      await expect(link).toHaveAttribute("aria-current", "page");
      await expect(page.getByRole("heading", { level: 1 })).toBeFocused();
      await fits(page, screen);
    }
    await page.goto(`${service.url}/manage/pair`);
    await page.getByRole("button", { name: german ? "Weiter mit Passkey" : "Continue with passkey" }).click();
    await expect(page.getByRole("img")).toBeVisible();
    await fits(page, "pairing link");
    await page.goto(`${service.url}/recovery`);
    await expect(page.getByRole("heading", { level: 1 })).toBeFocused();
    await fits(page, "recover");
    await page.getByRole("main").getByRole("listitem").first().getByRole("button").click();
    await fits(page, "recover with phrase");
    await page.goto(`${service.url}/upgrade`);
    await expect(page.getByRole("textbox")).toBeFocused();
    await fits(page, "upgrade");
    await english.close();
    await person.context.close();
    await context.close();
  });
}

test("a phrase, its steps and the dialogs fit 320 px", async ({ newcomer }) => {
  test.slow();
  const page = await manage(newcomer, longName);
  await open(page, "Access methods");
  await page.getByRole("button", { name: "Add new" }).click();
  await fits(page, "add a way in");
  await newcomer.authenticator.unplug(page);
  await new Authenticator([], true, true, { ...securityKey, hasResidentKey: true }).ready(page);
  await page.getByRole("button", { name: "A passkey here" }).click();
  await expect(page.getByRole("dialog")).toBeHidden();
  await page.getByRole("listitem").filter({ hasText: "Not used yet" }).getByRole("button").click();
  await page.getByRole("menuitem", { name: "Rename" }).click();
  await fits(page, "rename");
  await page.getByLabel("Passkey name").fill(longName);
  await page.keyboard.press("Enter");
  await expect(page.getByText(longName, { exact: true })).toBeVisible();
  await fits(page, "access with a long name");
  await page.getByRole("button", { name: `More options: ${longName}` }).click();
  await page.getByRole("menuitem", { name: "Remove" }).click();
  await fits(page, "remove");
  await page.keyboard.press("Escape");
  await open(page, "Recovery");
  await page.getByRole("button", { name: "Activate" }).click();
  await fits(page, "before");
  await page.getByRole("checkbox").check();
  await page.getByRole("button", { name: "Continue" }).click();
  await expect(page.getByRole("heading", { name: "Save your recovery phrase" })).toBeVisible();
  await page.getByRole("button", { name: "Click to reveal" }).click();
  await fits(page, "words");
  await page.getByRole("button", { name: "I have written it down" }).click();
  await fits(page, "order");
});
