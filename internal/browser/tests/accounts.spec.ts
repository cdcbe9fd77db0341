import { expect, test } from "./fixtures";
import type { Page } from "@playwright/test";
import { continueWithPasskey, createIdentity, pressContinue, signOut, type Person } from "./person";

// More than one account at an app: the person chooses, the app sees somebody
// else each time.

function accounts(window: Page) {
  return window.getByRole("list", { name: "Choose an account" });
}

async function choose(window: Page): Promise<void> {
  await window.getByRole("switch", { name: "Enable multiple accounts" }).click();
  await expect(accounts(window)).toBeVisible();
}

async function add(window: Page, name: string, standard = false): Promise<void> {
  await window.getByRole("button", { name: "Add another account" }).click();
  const dialog = window.getByRole("dialog", { name: "Name account" });
  await dialog.getByPlaceholder("Account name").fill(name);
  if (standard) await dialog.getByRole("checkbox", { name: "Set as default sign-in" }).check();
  await dialog.getByRole("button", { name: "Create account" }).click();
  await expect(dialog).toBeHidden();
  await expect(window.getByRole("button", { name: `Continue with ${name}` })).toBeVisible();
}

// as is a sign-in with one account, from the demo app's button on.
async function as(person: Person, demo: Page, name: string): Promise<string> {
  const window = await person.pressSignIn(demo);
  if (!(await accounts(window).isVisible())) {
    const on = await window.getByRole("switch").getAttribute("aria-checked");
    if (on === "true") await pressContinue(window);
    else await choose(window);
  }
  await window.getByRole("button", { name: `Continue with ${name}` }).click();
  const { principal } = await person.signedIn(demo);
  await signOut(demo);
  return principal;
}

// begin is the window of somebody who has just made an identity: accounts are
// kept, so nobody else's will do.
async function begin(newcomer: Person, demo: Page): Promise<Page> {
  const window = await newcomer.pressSignIn(demo);
  await continueWithPasskey(window);
  await createIdentity(window, "Grace");
  await expect(window.getByRole("switch")).toBeVisible();
  return window;
}

test("five accounts at one app are five principals, and a sixth is not to be had", async ({ newcomer }) => {
  const demo = await newcomer.openDemo();
  await pressContinue(await begin(newcomer, demo));
  const before = (await newcomer.signedIn(demo)).principal;
  await signOut(demo);

  const window = await newcomer.pressSignIn(demo);
  await choose(window);
  await expect(accounts(window).getByRole("button", { name: "Continue with My account" })).toBeVisible();
  for (const name of ["Work", "Play", "Chess", "Club"]) await add(window, name);
  const limit = window.getByRole("button", { name: "Limit reached" });
  await expect(limit).toBeDisabled();
  await window.getByRole("button", { name: "Continue with Club" }).click();
  const principals = new Set([(await newcomer.signedIn(demo)).principal]);
  await signOut(demo);

  for (const name of ["Work", "Play", "Chess"]) principals.add(await as(newcomer, demo, name));
  const mine = await as(newcomer, demo, "My account");
  expect(mine).toBe(before);
  expect(principals.add(mine).size).toBe(5);
});

test("a new name changes no principal, and the default account is what Continue uses", async ({ newcomer }) => {
  const demo = await newcomer.openDemo();
  const window = await begin(newcomer, demo);
  await choose(window);
  await add(window, "Work", true);
  await expect(accounts(window).getByRole("listitem").filter({ hasText: "Work" })).toContainText("Default");

  // The first account gets a name.
  const edit = window.getByRole("button", { name: "Edit My account" });
  await edit.click();
  const dialog = window.getByRole("dialog", { name: "Edit account" });
  await dialog.getByPlaceholder("Account name").fill("   ");
  await dialog.getByRole("button", { name: "Save changes" }).click();
  await expect(dialog.getByRole("status")).toHaveText("Please enter a name.");
  await window.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await expect(edit).toBeFocused();
  await window.getByRole("button", { name: "Continue with My account" }).click();
  const mine = (await newcomer.signedIn(demo)).principal;
  await signOut(demo);

  const again = await newcomer.pressSignIn(demo);
  await pressContinue(again);
  await again.getByRole("button", { name: "Edit My account" }).click();
  await again.getByPlaceholder("Account name").fill("Grace at home");
  await again.getByRole("button", { name: "Save changes" }).click();
  await again.getByRole("button", { name: "Continue with Grace at home" }).click();
  expect((await newcomer.signedIn(demo)).principal).toBe(mine);
  await signOut(demo);

  const work = await as(newcomer, demo, "Work");
  expect(work).not.toBe(mine);
  // Naming the first account made it the default; the choice is put back.
  const back = await newcomer.pressSignIn(demo);
  await pressContinue(back);
  await back.getByRole("button", { name: "Edit Work" }).click();
  await back.getByRole("checkbox", { name: "Set as default sign-in" }).check();
  await back.getByRole("button", { name: "Save changes" }).click();
  await expect(accounts(back).getByRole("listitem").filter({ hasText: "Work" })).toContainText("Default");
  await back.getByRole("switch").click();
  await expect(accounts(back)).toBeHidden();
  await pressContinue(back);
  expect((await newcomer.signedIn(demo)).principal).toBe(work);
});

test("accounts can be chosen by keyboard alone", async ({ newcomer }) => {
  const demo = await newcomer.openDemo();
  const window = await begin(newcomer, demo);
  await expect(window.getByRole("heading", { name: /^Continue to/ })).toBeFocused();
  await window.keyboard.press("Shift+Tab"); // the switcher
  await window.keyboard.press("Tab"); // Continue
  await window.keyboard.press("Tab"); // the switch
  await expect(window.getByRole("switch")).toBeFocused();
  await window.keyboard.press("Space");
  await expect(accounts(window)).toBeVisible();
  await window.keyboard.press("Shift+Tab"); // add
  await window.keyboard.press("Enter");
  await window.keyboard.type("Keys");
  await window.keyboard.press("Enter");
  await expect(window.getByRole("button", { name: "Add another account" })).toBeFocused();
  await window.keyboard.press("Shift+Tab"); // edit
  await window.keyboard.press("Shift+Tab"); // Keys
  await expect(window.getByRole("button", { name: "Continue with Keys" })).toBeFocused();
  await window.keyboard.press("Enter");
  await newcomer.signedIn(demo);
});
