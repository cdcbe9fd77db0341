import type { Page } from "@playwright/test";
import { accessible } from "./accessible";
import { Authenticator, securityKey, u2fKey } from "./authenticator";
import { expect, test } from "./fixtures";
import { manage, numberOf, open } from "./manager";
import { Person } from "./person";

// activate makes a phrase up to where its words are shown, and reads them.
async function activate(page: Page): Promise<string[]> {
  await page.getByRole("button", { name: "Activate" }).click();
  await expect(page.getByRole("heading", { name: "Before you continue" })).toBeFocused();
  await expect(page.getByRole("button", { name: "Continue" })).toBeDisabled();
  await page.getByRole("checkbox", { name: "I acknowledge" }).check();
  await page.getByRole("button", { name: "Continue" }).click();
  return revealed(page);
}

async function revealed(page: Page): Promise<string[]> {
  await expect(page.getByRole("heading", { name: "Save your recovery phrase" })).toBeFocused();
  const list = page.locator("ol[aria-label='Recovery phrase']");
  expect(await list.innerText()).not.toMatch(/[a-z]/);
  await page.getByRole("button", { name: "Click to reveal" }).click();
  const words = await list.locator(".word").allInnerTexts();
  expect(words).toHaveLength(24);
  return words;
}

async function press(page: Page, words: string[]): Promise<void> {
  const choices = page.getByRole("list", { name: "Words" });
  // A word may be there twice: then any of the two that is left will do.
  for (const word of words) await choices.getByRole("button", { name: word, exact: true, pressed: false }).first().click();
}

async function type(page: Page, words: string[]): Promise<void> {
  for (const [i, word] of words.entries()) await page.getByLabel(`Word ${i + 1}`, { exact: true }).fill(word);
  await page.getByRole("button", { name: "Submit" }).click();
}

// paste puts a text on the first box as a person's clipboard does.
async function paste(page: Page, text: string): Promise<void> {
  await page.getByLabel("Word 1", { exact: true }).evaluate((box, pasted) => {
    const data = new DataTransfer();
    data.setData("text", pasted);
    box.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
  }, text);
}

test("a phrase is made, proven word by word, and opens the identity when every passkey is gone", async ({ newcomer, browser }) => {
  const page = await manage(newcomer);
  const demo = await newcomer.openDemo();
  const { principal } = await newcomer.signIn(demo);
  await page.bringToFront();
  await page.getByRole("link", { name: "Write down a recovery phrase" }).click();
  await expect(page.getByText("Not activated")).toBeVisible();
  await accessible(page, "recovery, nothing there");
  await page.getByRole("button", { name: "Activate" }).click();
  await accessible(page, "before you continue");
  await page.getByRole("button", { name: "Cancel" }).click();
  const words = await activate(page);
  await accessible(page, "words");
  await page.getByRole("button", { name: "I have written it down" }).click();
  await expect(page.getByRole("heading", { name: "Verify your recovery phrase" })).toBeFocused();
  const [first = "", ...rest] = words;
  await press(page, [...rest, first]);
  await expect(page.getByRole("heading", { name: "Something is wrong!" })).toBeFocused();
  await accessible(page, "wrong order");
  await page.getByRole("button", { name: "Retry" }).click();
  await page.getByRole("button", { name: "Click to reveal" }).click();
  await page.getByRole("button", { name: "I have written it down" }).click();
  await press(page, words.slice(0, 3));
  await expect(page.getByText("3 of 24")).toBeVisible();
  await accessible(page, "order");
  await press(page, words.slice(3));
  await expect(page.getByText("Activated", { exact: true })).toBeVisible();
  await accessible(page, "recovery, phrase");
  await open(page, "Home");
  await expect(page.getByRole("heading", { name: "You can get back in" })).toBeVisible();

  // Another browser, with nothing of this one.
  const lost = new Person(await browser.newContext(), new Authenticator(), newcomer.service);
  const other = await lost.context.newPage();
  await lost.authenticator.ready(other);
  await other.goto(lost.service.url);
  await other.getByRole("link", { name: "Recover" }).click();
  await expect(other.getByRole("heading", { name: "Recover your identity" })).toBeFocused();
  await accessible(other, "recover");
  await other.getByRole("button", { name: "Recover with phrase" }).click();
  await expect(other.getByLabel("Word 1", { exact: true })).toBeFocused();
  await accessible(other, "recover with phrase");

  await type(other, [...rest, first]);
  await expect(other.getByRole("status").first()).toContainText("no recovery phrase");
  await other.getByLabel("Word 2", { exact: true }).fill("zzz");
  await other.getByLabel("Word 3", { exact: true }).focus();
  await other.getByRole("button", { name: "Clear all" }).click();
  await expect(other.getByLabel("Word 1", { exact: true })).toHaveValue("");

  // A phrase of nobody, then the right one, with the number that old notes have.
  await paste(other, `${"abandon ".repeat(23)}art`);
  await other.getByRole("button", { name: "Submit" }).click();
  await expect(other.getByRole("heading", { name: "No identity found" })).toBeVisible();
  await accessible(other, "no identity found");
  await other.getByRole("button", { name: "Try again" }).click();
  await paste(other, `10000 ${words.join("\n").toUpperCase()}`);
  await other.getByRole("button", { name: "Submit" }).click();
  await expect(other.getByRole("heading", { name: "We have found your identity" })).toBeVisible();
  await expect(other.getByText("Ada", { exact: true })).toBeVisible();
  await accessible(other, "identity found");
  await other.getByRole("button", { name: "Create a passkey here" }).click();
  await expect(other.getByRole("heading", { name: "Access methods" })).toBeVisible();
  await expect(other.getByRole("main").getByRole("list").getByRole("listitem")).toHaveCount(2);

  // And it is the same person for the app.
  const again = await lost.openDemo();
  expect((await lost.signIn(again)).principal).toBe(principal);
  await lost.context.close();
});

test("a phrase is left unproven, proven later, locked, and replaced with its own words", async ({ newcomer }) => {
  const page = await manage(newcomer);
  await open(page, "Recovery");
  const words = await activate(page);
  await page.getByRole("button", { name: "Leave for now" }).click();
  await expect(page.getByText("Not verified")).toBeVisible();
  await page.getByRole("button", { name: "Verify" }).click();
  await accessible(page, "typing the words");
  await paste(page, `${"abandon ".repeat(23)}art`);
  await page.getByRole("button", { name: "Submit" }).click();
  await expect(page.getByRole("status").first()).toContainText("another identity");
  await paste(page, words.join(" "));
  await page.getByRole("button", { name: "Submit" }).click();
  await expect(page.getByText("Activated", { exact: true })).toBeVisible();

  await page.getByRole("button", { name: "Lock", exact: true }).click();
  const lock = page.getByRole("dialog", { name: "Lock the recovery phrase?" });
  await accessible(page, "lock");
  await lock.getByRole("button", { name: "Lock", exact: true }).click();
  await expect(page.getByText("Locked", { exact: true })).toBeVisible();

  await page.getByRole("button", { name: "Unlock and reset" }).click();
  await paste(page, words.join(" "));
  await page.getByRole("button", { name: "Submit" }).click();
  const fresh = await revealed(page);
  expect(fresh).not.toEqual(words);
  await page.getByRole("button", { name: "I have written it down" }).click();
  await press(page, fresh);
  await expect(page.getByText("Activated", { exact: true })).toBeVisible();
  await expect(page.getByText("Locked", { exact: true })).toBeHidden();

  // Without a lock a passkey is enough, and says what is lost.
  await page.getByRole("button", { name: "Reset", exact: true }).click();
  const sure = page.getByRole("dialog", { name: "Are you sure?" });
  await expect(sure).toContainText("stop working at once");
  await sure.getByRole("button", { name: "Reset" }).click();
  expect(await revealed(page)).not.toEqual(fresh);
  await page.getByRole("button", { name: "Leave for now" }).click();
  await expect(page.getByText("Not verified")).toBeVisible();
});

for (const [name, kind] of [
  ["a key without resident keys", securityKey],
  ["a U2F key", u2fKey],
] as const) {
  test(`${name} is added for the worst day, and opens the identity with its number`, async ({ newcomer, browser }) => {
    const page = await manage(newcomer);
    const number = await numberOf(page);
    await open(page, "Recovery");
    await newcomer.authenticator.unplug(page);
    const key = new Authenticator([], true, true, kind);
    await key.ready(page);
    await page.getByRole("button", { name: "Add security key" }).click();
    await expect(page.getByRole("main").getByRole("listitem")).toHaveCount(1);
    await accessible(page, "recovery, security key");

    const context = await browser.newContext();
    const other = await context.newPage();
    await new Authenticator(key.all, true, true, kind).ready(other);
    await other.goto(`${newcomer.service.url}/recovery`);
    await other.getByRole("button", { name: "Recover with security key" }).click();
    const field = other.getByLabel("Internet Identity number");
    await expect(field).toBeFocused();
    await field.fill("ten");
    await other.keyboard.press("Enter");
    await expect(other.getByRole("status")).toContainText("digits only");
    await accessible(other, "number");
    await field.fill("99999999");
    await other.keyboard.press("Enter");
    await expect(other.getByRole("heading", { name: "No identity found" })).toBeVisible();
    await other.getByRole("button", { name: "Try again" }).click();
    await field.fill(number);
    await other.keyboard.press("Enter");
    await expect(other.getByRole("heading", { name: "We have found your identity" })).toBeVisible();
    await other.getByRole("button", { name: "Continue without one" }).click();
    await expect(other.getByRole("heading", { name: "Welcome, Ada." })).toBeVisible();
    await context.close();

    // It can be taken away again.
    await page.getByRole("main").getByRole("listitem").getByRole("button").click();
    await page.getByRole("menuitem", { name: "Remove" }).click();
    await expect(page.getByRole("dialog")).toContainText("One way in is left");
    await page.getByRole("button", { name: "Remove security key" }).click();
    await expect(page.getByRole("main").getByRole("listitem")).toHaveCount(0);
  });
}

test("a sentence for everybody in German", async ({ browser, service }) => {
  const person = new Person(await browser.newContext({ locale: "de-DE" }), new Authenticator(), service);
  const page = await person.context.newPage();
  await person.authenticator.ready(page);
  await page.goto(`${service.url}/recovery`);
  await expect(page.getByRole("heading", { name: "Identität wiederherstellen" })).toBeVisible();
  await accessible(page, "recover, German");
  await person.context.close();
});
