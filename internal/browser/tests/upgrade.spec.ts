import { accessible } from "./accessible";
import { Authenticator, u2fKey } from "./authenticator";
import { expect, test } from "./fixtures";
import { Person } from "./person";
import { registerOld } from "./old";

test("an identity of the time of numbers is brought along, and stays the same person", async ({ browser, service }) => {
  const key = new Authenticator([], true, false, u2fKey);
  const context = await browser.newContext();
  const page = await context.newPage();
  await key.ready(page);
  const number = await registerOld(page, service);

  await page.goto(service.url);
  await page.getByRole("link", { name: "Upgrade" }).click();
  await page.getByLabel("Internet Identity number").fill(number);
  await accessible(page, "number for the upgrade");
  await page.getByRole("button", { name: "Continue" }).click();
  await expect(page.getByRole("heading", { name: "Upgrade identity" })).toBeVisible();
  await accessible(page, "upgrade identity");
  await page.getByRole("button", { name: "Upgrade identity" }).click();
  await expect(page.getByRole("status")).toHaveText("Please enter a name.");
  await page.getByLabel("Identity name").fill("Old Ada");
  await key.unplug(page);
  const person = new Person(context, new Authenticator(), service);
  await person.authenticator.ready(page);
  await page.getByRole("button", { name: "Upgrade identity" }).click();
  await expect(page.getByRole("heading", { name: "Identity upgraded" })).toBeVisible();
  await accessible(page, "identity upgraded");
  await page.getByRole("button", { name: "Continue" }).click();
  await expect(page.getByRole("heading", { name: "Welcome, Old Ada." })).toBeVisible();
  const demo = await person.openDemo();
  await person.signIn(demo);

  // A second time it says so.
  const again = await browser.newContext();
  const other = await again.newPage();
  await new Authenticator(key.all, true, false, u2fKey).ready(other);
  await other.goto(`${service.url}/upgrade`);
  await other.getByLabel("Internet Identity number").fill(number);
  await other.keyboard.press("Enter");
  await expect(other.getByRole("heading", { name: "Identity already upgraded" })).toBeVisible();
  await accessible(other, "already upgraded");
  await again.close();
  await context.close();
});
