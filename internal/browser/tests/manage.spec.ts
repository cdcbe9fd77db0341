import { accessible } from "./accessible";
import { Authenticator, securityKey } from "./authenticator";
import { expect, test } from "./fixtures";
import { manage, numberOf, open, signUp } from "./manager";

test("home: who it is, a new name, and the way out", async ({ newcomer }) => {
  const page = await manage(newcomer);
  await expect(page.getByRole("heading", { name: "One lost device, and this identity is lost" })).toBeVisible();
  await accessible(page, "home, alone");
  expect(await numberOf(page)).toMatch(/^1000\d$/);

  await page.getByRole("button", { name: "Rename identity" }).click();
  const dialog = page.getByRole("dialog", { name: "Rename identity" });
  await expect(dialog.getByLabel("Name")).toBeFocused();
  await accessible(page, "rename identity");
  await dialog.getByLabel("Name").fill(" ");
  await page.keyboard.press("Enter");
  await expect(dialog.getByRole("status")).toHaveText("Please enter a name.");
  await dialog.getByLabel("Name").fill("Ada Lovelace");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Welcome, Ada Lovelace." })).toBeVisible();
  await expect(page.getByRole("button", { name: "Rename identity" })).toBeFocused();

  await page.getByRole("banner").getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { name: "Hello, Ada Lovelace" })).toBeVisible();
  await page.goto(`${newcomer.service.url}/manage/history`);
  await expect(page.getByRole("heading", { name: "Continue as Ada Lovelace" })).toBeVisible();
  await accessible(page, "gate");
  await page.getByRole("button", { name: "Continue with passkey" }).click();
  await expect(page.getByRole("heading", { name: "History" })).toBeFocused();
  await open(page, "Home");
  await page.getByRole("button", { name: "Sign out and forget on this device" }).click();
  await expect(page.getByRole("button", { name: "Create new identity" })).toBeVisible();
  expect(await page.evaluate(() => localStorage.getItem("ii:known-identities"))).toBe("[]");
});

test("access: add a passkey, rename it, remove the other one that is in use", async ({ newcomer }) => {
  const page = await manage(newcomer);
  await open(page, "Access methods");
  await expect(page.getByRole("heading", { name: "Access methods" })).toBeFocused();
  await expect(page.getByText("Last used Right now")).toBeVisible();
  await accessible(page, "access, one passkey");

  // The only way in stays, whatever is pressed.
  await page.getByRole("button", { name: "More options: Unknown" }).click();
  await expect(page.getByRole("menuitem", { name: "Remove" })).toHaveAttribute("aria-disabled", "true");
  await accessible(page, "menu of a passkey");
  await page.getByRole("menuitem", { name: "Remove" }).click({ force: true });
  await expect(page.getByRole("dialog")).toBeHidden();
  await page.keyboard.press("Escape");

  // The authenticator that has one already does not make another.
  await page.getByRole("button", { name: "Add new" }).click();
  const dialog = page.getByRole("dialog", { name: "Add a way in" });
  await accessible(page, "add a way in");
  await dialog.getByRole("button", { name: "A passkey here" }).click();
  await expect(dialog.getByRole("status")).toContainText("already has a passkey");
  await newcomer.authenticator.unplug(page);
  const second = new Authenticator([], true, true, { ...securityKey, hasResidentKey: true });
  await second.ready(page);
  await dialog.getByRole("button", { name: "A passkey here" }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByRole("main").getByRole("listitem")).toHaveCount(2);
  await expect(page.getByText("Not used yet")).toBeVisible();

  const inUse = page.getByRole("listitem").filter({ hasText: "Right now" });
  const other = page.getByRole("listitem").filter({ hasText: "Not used yet" });
  await other.getByRole("button").click();
  await page.getByRole("menuitem", { name: "Rename" }).click();
  await expect(page.getByLabel("Passkey name")).toBeFocused();
  await accessible(page, "rename passkey");
  await page.getByLabel("Passkey name").fill("Blue key");
  await page.keyboard.press("Enter");
  await expect(page.getByText("Blue key", { exact: true })).toBeVisible();
  await expect(page.getByRole("status").last()).toHaveText("It is called Blue key now.");

  await inUse.getByRole("button").click();
  await page.getByRole("menuitem", { name: "Remove" }).click();
  const sure = page.getByRole("dialog", { name: "Are you sure?" });
  await expect(sure).toContainText("currently signed in");
  await expect(sure).toContainText("One way in is left");
  await accessible(page, "remove passkey");
  await sure.getByRole("button", { name: "Remove passkey" }).click();
  await expect(page.getByRole("heading", { name: "Hello, Ada" })).toBeVisible();

  // The one that is left opens the identity.
  await page.getByRole("button", { name: "Manage Identity" }).click();
  await page.getByRole("button", { name: "Continue with passkey" }).click();
  await expect(page.getByRole("heading", { name: "Welcome, Ada." })).toBeVisible();
  await open(page, "History");
  await expect(page.getByText("Blue key added")).toBeVisible();
  await expect(page.getByText("A way in removed")).toBeVisible();
  await expect(page.getByText("Identity created")).toBeVisible();
  await accessible(page, "history");
});

test("a passkey that nobody touches leaves everything as it was", async ({ newcomer }) => {
  const page = await manage(newcomer);
  await open(page, "Access methods");
  await newcomer.authenticator.unplug(page);
  const stranger = new Authenticator([], true, false, { ...securityKey, hasResidentKey: true });
  await stranger.ready(page);
  await page.getByRole("button", { name: "Add new" }).click();
  const dialog = page.getByRole("dialog", { name: "Add a way in" });
  await dialog.getByRole("button", { name: "A passkey here" }).click();
  await expect(dialog.getByRole("status")).toHaveText("No passkey was used. You can try again.");
  await stranger.recognise(page, true);
  await dialog.getByRole("button", { name: "A passkey here" }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByRole("main").getByRole("listitem")).toHaveCount(2);
});

test("apps: where the identity was used, and its accounts there", async ({ newcomer }) => {
  const page = await manage(newcomer);
  await open(page, "Apps");
  await expect(page.getByRole("heading", { name: "No app has seen you yet." })).toBeVisible();
  await accessible(page, "no apps");
  const demo = await newcomer.openDemo();
  const window = await newcomer.pressSignIn(demo);
  await window.getByRole("switch", { name: "Enable multiple accounts" }).click();
  await window.getByRole("button", { name: "Add another account" }).click();
  await window.getByPlaceholder("Account name").fill("Work");
  await window.keyboard.press("Enter");
  await window.getByRole("button", { name: "Continue with Work" }).click();
  await newcomer.signedIn(demo);

  await open(page, "Home");
  await open(page, "Apps");
  const host = newcomer.service.demo.replace("http://", "");
  const app = page.getByRole("button", { name: `Accounts at ${host}` });
  await app.click();
  await expect(app).toHaveAttribute("aria-expanded", "true");
  await expect(page.getByRole("list", { name: "Accounts" }).getByRole("listitem")).toHaveCount(2);
  await accessible(page, "accounts of an app");
  await page.getByRole("button", { name: "Rename Work" }).click();
  await page.getByLabel("Account name").fill("Night shift");
  await page.keyboard.press("Enter");
  await expect(page.getByText("Night shift", { exact: true })).toBeVisible();
  await open(page, "History");
  await expect(page.getByText("Account added in an app")).toBeVisible();
  await expect(page.getByText("Account changed in an app")).toBeVisible();
});

test("another identity's passkey does not open this one", async ({ newcomer }) => {
  const page = await signUp(newcomer, "Ada");
  await page.evaluate(() => {
    const [entry] = JSON.parse(localStorage.getItem("ii:known-identities") ?? "[]");
    localStorage.setItem("ii:known-identities", JSON.stringify([{ ...entry, number: "10999", name: "Eve" }]));
  });
  await page.goto(`${newcomer.service.url}/manage`);
  await page.getByRole("button", { name: "Continue with passkey" }).click();
  await expect(page.getByRole("status").first()).toContainText("belongs to another identity");
  await expect(page.getByRole("heading", { name: "Welcome" })).toBeHidden();
});

test("everything by keyboard alone", async ({ newcomer }) => {
  const page = await manage(newcomer);
  const press = async (...keys: string[]) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  const focused = page.locator(":focus");
  // From the heading backwards to the places.
  for (let i = 0; i < 8 && (await focused.getAttribute("aria-label")) !== "Access methods"; i++) await press("Shift+Tab");
  await press("Enter");
  await expect(page.getByRole("heading", { name: "Access methods" })).toBeFocused();
  await press("Tab");
  await expect(focused).toHaveText("Add new");
  await press("Enter");
  await expect(page.getByRole("dialog", { name: "Add a way in" })).toBeVisible();
  await press("Escape");
  await expect(focused).toHaveText("Add new");
  await press("Tab", "Enter");
  await expect(page.getByRole("menuitem", { name: "Rename" })).toBeFocused();
  await press("ArrowDown");
  await expect(page.getByRole("menuitem", { name: "Remove" })).toBeFocused();
  await press("Home", "Enter");
  await page.keyboard.type("Kitchen table");
  await press("Enter");
  await expect(page.getByText("Kitchen table", { exact: true })).toBeVisible();
  await expect(focused).toHaveAttribute("aria-label", "More options: Kitchen table");
});
