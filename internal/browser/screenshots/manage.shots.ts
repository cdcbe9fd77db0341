import { Authenticator, securityKey } from "../tests/authenticator";
import { expect, test } from "../tests/fixtures";
import { manage, open } from "../tests/manager";
import { Person } from "../tests/person";
import { shoot } from "./shoot";

test("an identity in the hands of its person", async ({ newcomer }) => {
  test.slow();
  const page = await manage(newcomer, "Ada Lovelace");
  await shoot(page, "manage-alone", { whole: true });

  await open(page, "Access methods");
  await page.getByRole("button", { name: "Add new" }).click();
  await shoot(page, "access-add");
  await newcomer.authenticator.unplug(page);
  await new Authenticator([], true, true, { ...securityKey, hasResidentKey: true }).ready(page);
  await page.getByRole("button", { name: "A passkey here" }).click();
  await expect(page.getByRole("dialog")).toBeHidden();
  for (const [at, name] of [
    ["Right now", "Laptop"],
    ["Not used yet", "Blue key"],
  ] as const) {
    await page.getByRole("listitem").filter({ hasText: at }).getByRole("button").click();
    await page.getByRole("menuitem", { name: "Rename" }).click();
    await page.getByLabel("Passkey name").fill(name);
    await page.keyboard.press("Enter");
    await expect(page.getByText(name, { exact: true })).toBeVisible();
  }
  await shoot(page, "access");
  await page.getByRole("button", { name: "More options: Laptop" }).click();
  await shoot(page, "access-menu");
  await page.getByRole("menuitem", { name: "Remove" }).click();
  await shoot(page, "access-remove");
  await page.keyboard.press("Escape");

  await open(page, "Recovery");
  await shoot(page, "recovery");
  await page.getByRole("button", { name: "Activate" }).click();
  await shoot(page, "recovery-before");
  await page.getByRole("checkbox").check();
  await page.getByRole("button", { name: "Continue" }).click();
  await expect(page.getByRole("heading", { name: "Save your recovery phrase" })).toBeVisible();
  await shoot(page, "recovery-covered");
  await page.getByRole("button", { name: "Click to reveal" }).click();
  await shoot(page, "recovery-words", { whole: true });
  const words = await page.locator("ol[aria-label='Recovery phrase'] .word").allInnerTexts();
  await page.getByRole("button", { name: "I have written it down" }).click();
  const choose = async (some: string[]) => {
    for (const word of some) await page.getByRole("list", { name: "Words" }).getByRole("button", { name: word, exact: true, pressed: false }).first().click();
  };
  await choose(words.slice(0, 9));
  await shoot(page, "recovery-order", { whole: true });
  await choose(words.slice(9));
  await expect(page.getByText("Activated", { exact: true })).toBeVisible();
  await shoot(page, "recovery-active");

  const demo = await newcomer.openDemo();
  const window = await newcomer.pressSignIn(demo);
  await window.getByRole("switch").click();
  await window.getByRole("button", { name: "Add another account" }).click();
  await window.getByPlaceholder("Account name").fill("Night shift");
  await window.keyboard.press("Enter");
  await window.getByRole("button", { name: "Continue with Night shift" }).click();
  await newcomer.signedIn(demo);
  await open(page, "Home");
  await shoot(page, "manage", { whole: true });
  await open(page, "Apps");
  await page.getByRole("button", { name: "Accounts at" }).click();
  await expect(page.getByRole("list", { name: "Accounts" })).toBeVisible();
  await shoot(page, "apps");
  await open(page, "History");
  await expect(page.getByText("Identity created")).toBeVisible();
  await shoot(page, "history");
});

test("losing access", async ({ newcomer }) => {
  const page = await newcomer.context.newPage();
  await newcomer.authenticator.ready(page);
  await page.goto(`${newcomer.service.url}/recovery`);
  await expect(page.getByRole("heading", { name: "Recover your identity" })).toBeVisible();
  await shoot(page, "recover");
  await page.getByRole("button", { name: /^Recover with phrase/ }).click();
  await shoot(page, "recover-phrase", { whole: true });
  await page.goto(`${newcomer.service.url}/upgrade`);
  await expect(page.getByLabel("Internet Identity number")).toBeVisible();
  await shoot(page, "upgrade");
});

test("two devices", async ({ newcomer, browser }) => {
  const old = await manage(newcomer);
  await old.getByRole("link", { name: "Add another device" }).click();
  await expect(old.getByRole("button", { name: "Pairing link" })).toBeVisible();
  await shoot(old, "pair-link");
  const address = `http://${(await old.getByRole("button", { name: "Pairing link" }).innerText()).trim()}`;
  const fresh = new Person(await browser.newContext(), new Authenticator(), newcomer.service);
  const page = await fresh.context.newPage();
  await fresh.authenticator.ready(page);
  await page.goto(address);
  await expect(page.getByRole("heading", { name: "Enter this code" })).toBeVisible();
  await shoot(page, "pair-code");
  await expect(old.getByRole("heading", { name: "Authorize new device" })).toBeVisible();
  await shoot(old, "pair-authorize");
  const code = await page.getByLabel("Confirmation code").innerText();
  for (const [i, digit] of [...code].entries()) await old.getByLabel(`Code input ${i}`).fill(digit);
  await old.getByRole("button", { name: "Confirm sign-in" }).click();
  await expect(page.getByRole("heading", { name: "Confirm your sign-in" })).toBeVisible();
  await shoot(page, "pair-confirm");
  await old.goto("about:blank");
  await old.goto(`${newcomer.service.url}/manage`);
  await expect(old.getByRole("heading", { name: "Continue as" })).toBeVisible();
  await shoot(old, "gate");
  await fresh.context.close();
});
