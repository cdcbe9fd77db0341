import { expect, type Page } from "@playwright/test";
import { createIdentity, type Person } from "./person";

// signUp makes an identity on the start page.
export async function signUp(person: Person, name = "Ada"): Promise<Page> {
  const page = await person.context.newPage();
  await person.authenticator.ready(page);
  await page.goto(person.service.url);
  await createIdentity(page, name);
  await expect(page.getByRole("heading", { name: `Hello, ${name}` })).toBeVisible();
  return page;
}

// manage signs up and goes on to where the identity is managed.
export async function manage(person: Person, name = "Ada"): Promise<Page> {
  const page = await signUp(person, name);
  await page.getByRole("button", { name: "Add a second way in" }).click();
  await expect(page.getByRole("heading", { name: `Welcome, ${name}.` })).toBeVisible();
  return page;
}

// open goes to a screen of a signed-in person.
export async function open(page: Page, place: "Home" | "Access methods" | "Recovery" | "Apps" | "History"): Promise<void> {
  await page.getByRole("navigation").getByRole("link", { name: place }).click();
}

// number reads the identity number on the home screen.
export async function numberOf(page: Page): Promise<string> {
  return page.locator("dt", { hasText: "Identity number" }).locator("+ dd").innerText();
}

export async function more(page: Page, method: string, what: string): Promise<void> {
  await page.getByRole("button", { name: `More options: ${method}` }).click();
  await page.getByRole("menuitem", { name: what }).click();
}
