import type { Page } from "@playwright/test";
import { accessible } from "./accessible";
import { Authenticator } from "./authenticator";
import { expect, test } from "./fixtures";
import { manage, open } from "./manager";
import { Person } from "./person";

async function link(page: Page): Promise<string> {
  const text = await page.getByRole("button", { name: "Pairing link" }).innerText();
  return `http://${text.trim()}`;
}

async function fill(page: Page, code: string): Promise<void> {
  for (const [i, digit] of [...code].entries()) await page.getByLabel(`Code input ${i}`).fill(digit);
  await page.getByRole("button", { name: "Confirm sign-in" }).click();
}

const codeOf = (page: Page) => page.getByLabel("Confirmation code").innerText();
const wrongOf = (code: string) => code.replace(/^./, (digit) => String((Number(digit) + 1) % 10));

test("the new device begins: a link there, six digits here, one identity on both", async ({ newcomer, browser }) => {
  // Two devices and every screen of both.
  test.slow();
  const old = await manage(newcomer);
  const demo = await newcomer.openDemo();
  const { principal } = await newcomer.signIn(demo);

  const fresh = new Person(await browser.newContext(), new Authenticator(), newcomer.service);
  const page = await fresh.context.newPage();
  await fresh.authenticator.ready(page);
  await page.goto(`${fresh.service.url}/recovery`);
  await page.getByRole("button", { name: "Use another device" }).click();
  await expect(page.getByRole("heading", { name: "Can't find your identity?" })).toBeFocused();
  await expect(page.getByRole("img", { name: "QR code" })).toBeVisible();
  await accessible(page, "pairing link");
  const address = await link(page);
  expect(address).toMatch(/\/activate#[0-9A-Za-z]{5}$/);

  await old.goto(address);
  await expect(old.getByRole("heading", { name: "Continue as Ada" })).toBeVisible();
  // The id does not stay in the history.
  expect(new URL(old.url()).hash).toBe("");
  await old.getByRole("button", { name: "Continue with passkey" }).click();
  await expect(old.getByRole("heading", { name: "Authorize new device" })).toBeVisible();
  await expect(old.getByLabel("Code input 0")).toBeFocused();
  await accessible(old, "authorize new device");

  await expect(page.getByRole("heading", { name: "Enter this code" })).toBeVisible();
  await accessible(page, "confirmation code");
  const code = await codeOf(page);
  await old.getByRole("button", { name: "Confirm sign-in" }).click();
  await expect(old.getByRole("status").first()).toHaveText("The code has six digits.");
  await fill(old, wrongOf(code));
  await expect(old.getByRole("status").first()).toContainText("2 tries are left");
  await fill(old, code);
  await expect(old.getByRole("heading", { name: "Continue on your new device" })).toBeFocused();
  await accessible(old, "continue on your new device");

  await expect(page.getByRole("heading", { name: "Confirm your sign-in" })).toBeVisible();
  await expect(page.getByText("signing in as Ada")).toBeVisible();
  await accessible(page, "confirm your sign-in");
  await page.getByRole("button", { name: "Create passkey" }).click();
  await expect(page.getByRole("heading", { name: "Welcome, Ada." })).toBeVisible();
  const again = await fresh.openDemo();
  expect((await fresh.signIn(again)).principal).toBe(principal);
  await old.getByRole("button", { name: "Done" }).click();
  await open(old, "Access methods");
  await expect(old.getByRole("main").getByRole("list").getByRole("listitem")).toHaveCount(2);
  await fresh.context.close();
});

test("the old device begins, with a wrong code three times and a new start", async ({ newcomer, browser }) => {
  const old = await manage(newcomer);
  await old.getByRole("link", { name: "Add another device" }).click();
  await expect(old.getByRole("heading", { name: "Add another device" })).toBeVisible();
  const first = await link(old);
  expect(first).toMatch(/\/pair#[0-9A-Za-z]{5}$/);

  const fresh = new Person(await browser.newContext(), new Authenticator(), newcomer.service);
  const page = await fresh.context.newPage();
  await fresh.authenticator.ready(page);
  await page.goto(first);
  await expect(page.getByRole("heading", { name: "Enter this code" })).toBeVisible();
  const code = await codeOf(page);
  await expect(old.getByRole("heading", { name: "Authorize new device" })).toBeVisible();
  for (const left of ["2 tries are left", "One try is left"]) {
    await fill(old, wrongOf(code));
    await expect(old.getByRole("status").first()).toContainText(left);
  }
  await fill(old, wrongOf(code));
  await expect(old.getByRole("heading", { name: "This did not work" })).toBeVisible();
  await accessible(old, "three wrong codes");

  await old.getByRole("button", { name: "Start over" }).click();
  const second = await link(old);
  expect(second).not.toBe(first);
  // What the first link led to is over.
  const stale = await fresh.context.newPage();
  await stale.goto(first);
  await expect(stale.getByText("This link is no longer good")).toBeVisible();
  await accessible(stale, "stale link");
  await stale.close();

  await page.goto(second);
  await expect(page.getByRole("heading", { name: "Enter this code" })).toBeVisible();
  // Whoever else has the link comes too late.
  const thief = await browser.newContext();
  const theirs = await thief.newPage();
  await theirs.goto(second);
  await expect(theirs.getByText("Another device has used this link already")).toBeVisible();
  await thief.close();
  await expect(old.getByRole("heading", { name: "Authorize new device" })).toBeVisible();
  await fill(old, await codeOf(page));
  await page.getByRole("button", { name: "Create passkey" }).click();
  await expect(page.getByRole("heading", { name: "Welcome, Ada." })).toBeVisible();
  await fresh.context.close();
});

test("leaving closes the door", async ({ newcomer, browser }) => {
  const old = await manage(newcomer);
  await old.getByRole("link", { name: "Add another device" }).click();
  const address = await link(old);
  await old.getByRole("button", { name: "Cancel" }).click();
  await expect(old.getByRole("heading", { name: "Access methods" })).toBeVisible();
  const context = await browser.newContext();
  const page = await context.newPage();
  await expect(async () => {
    await page.goto("about:blank");
    await page.goto(address);
    await expect(page.getByText("This link is no longer good")).toBeVisible({ timeout: 1000 });
  }).toPass();
  await page.goto("about:blank");
  await page.goto(`${address}x`);
  await expect(page.getByText("This link is not complete")).toBeVisible();
  await context.close();
});
