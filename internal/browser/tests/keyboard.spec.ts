import type { Page } from "@playwright/test";
import { Authenticator, securityKey } from "./authenticator";
import { expect, test } from "./fixtures";
import { manage } from "./manager";
import { Person } from "./person";

// Flows beside the sign-in, by keyboard alone: no click, no focus but by keys.

// tabTo presses Tab until what has the focus is called so, and no longer than
// once around the page.
async function tabTo(page: Page, name: string | RegExp, role: Parameters<Page["getByRole"]>[0] = "button"): Promise<void> {
  const wanted = page.getByRole(role, typeof name === "string" ? { name, exact: true } : { name });
  for (let i = 0; i < 80; i++) {
    if (await wanted.evaluateAll((all) => all.some((one) => one === document.activeElement))) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`no ${role} ${name} is reached by Tab`);
}

async function press(page: Page, name: string | RegExp, role?: Parameters<Page["getByRole"]>[0]): Promise<void> {
  await tabTo(page, name, role);
  await page.keyboard.press("Enter");
}

test("a recovery phrase, and the way back with it", async ({ newcomer, browser }) => {
  test.slow();
  const page = await manage(newcomer);
  await press(page, "Recovery", "link");
  await expect(page.getByRole("heading", { name: "Recovery", level: 1 })).toBeFocused();
  await press(page, "Activate");
  await expect(page.getByRole("heading", { name: "Before you continue" })).toBeFocused();
  await tabTo(page, "I acknowledge", "checkbox");
  await page.keyboard.press("Space");
  await press(page, "Continue");
  await expect(page.getByRole("heading", { name: "Save your recovery phrase" })).toBeFocused();
  await press(page, "Click to reveal");
  const words = await page.locator("ol[aria-label='Recovery phrase'] .word").allInnerTexts();
  await press(page, "I have written it down");
  await expect(page.getByRole("heading", { name: "Verify your recovery phrase" })).toBeFocused();
  const choices = page.getByRole("list", { name: "Words" });
  for (const [i, word] of words.entries()) {
    const next = choices.getByRole("button", { name: word, exact: true, pressed: false }).first();
    for (let tabs = 0; tabs < 60 && !(await next.evaluate((one) => one === document.activeElement)); tabs++) await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    if (i < 23) await expect(page.getByText(`${i + 1} of 24`)).toBeVisible();
  }
  await expect(page.getByText("Activated", { exact: true })).toBeVisible();

  const lost = new Person(await browser.newContext(), new Authenticator(), newcomer.service);
  const other = await lost.context.newPage();
  await lost.authenticator.ready(other);
  await other.goto(lost.service.url);
  await press(other, "Recover", "link");
  await expect(other.getByRole("heading", { name: "Recover your identity" })).toBeFocused();
  await press(other, /^Recover with phrase/);
  for (const word of words) {
    await other.keyboard.type(word);
    await other.keyboard.press("Tab");
  }
  await press(other, "Submit");
  await expect(other.getByRole("heading", { name: "We have found your identity" })).toBeFocused();
  await press(other, "Create a passkey here");
  await expect(other.getByRole("heading", { name: "Access methods" })).toBeFocused();
  await lost.context.close();
});

test("two devices", async ({ newcomer, browser }) => {
  const old = await manage(newcomer);
  await press(old, "Add another device", "link");
  await expect(old.getByRole("heading", { name: "Add another device" })).toBeFocused();
  const address = `http://${(await old.getByRole("button", { name: "Pairing link" }).innerText()).trim()}`;
  const fresh = new Person(await browser.newContext(), new Authenticator(), newcomer.service);
  const page = await fresh.context.newPage();
  await fresh.authenticator.ready(page);
  await page.goto(address);
  await expect(page.getByRole("heading", { name: "Enter this code" })).toBeFocused();
  const code = await page.getByLabel("Confirmation code").innerText();
  await expect(old.getByLabel("Code input 0")).toBeFocused();
  // One digit too many to be undone, then all of them.
  await old.keyboard.type(`${code[0]}9`);
  await old.keyboard.press("Backspace");
  await old.keyboard.press("Backspace");
  await old.keyboard.type(code.slice(await old.getByLabel("Code input 0").inputValue() === "" ? 0 : 1));
  await old.keyboard.press("Enter");
  await expect(old.getByRole("heading", { name: "Continue on your new device" })).toBeFocused();
  await expect(page.getByRole("heading", { name: "Confirm your sign-in" })).toBeFocused();
  await press(page, "Create passkey");
  await expect(page.getByRole("heading", { name: "Welcome, Ada." })).toBeFocused();
  await fresh.context.close();
});

test("a security key is added and removed, and the number finds it", async ({ newcomer }) => {
  const page = await manage(newcomer);
  await press(page, "Recovery", "link");
  await newcomer.authenticator.unplug(page);
  await new Authenticator([], true, true, securityKey).ready(page);
  await press(page, "Add security key");
  await expect(page.getByRole("main").getByRole("listitem")).toHaveCount(1);
  await press(page, /^More options/);
  await page.keyboard.press("End");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog", { name: "Are you sure?" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("button", { name: /^More options/ })).toBeFocused();
  await press(page, "Sign out");
  await expect(page.getByRole("heading", { name: "Hello, Ada" })).toBeVisible();
  await page.goto(`${newcomer.service.url}/recovery?identity=10042`);
  await expect(page.getByLabel("Internet Identity number")).toBeFocused();
  await expect(page.getByLabel("Internet Identity number")).toHaveValue("10042");
});

test("whoever signs out does so in every window", async ({ newcomer }) => {
  const page = await manage(newcomer);
  const other = await newcomer.context.newPage();
  await newcomer.authenticator.ready(other);
  await other.goto(`${newcomer.service.url}/manage`);
  await press(other, "Continue with passkey");
  await expect(other.getByRole("heading", { name: "Welcome, Ada." })).toBeVisible();
  await press(page, "Sign out");
  await expect(other.getByRole("heading", { name: "Continue as Ada" })).toBeVisible();
});
