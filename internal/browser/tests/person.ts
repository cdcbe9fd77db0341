import { expect, type BrowserContext, type Page } from "@playwright/test";
import type { ChainJSON } from "./verify";

export type Library = "icp-sdk" | "dfinity";

export interface SignInForm {
  library?: Library;
  // Minutes.
  ttl?: string;
  derivationOrigin?: string;
}

export interface SignedIn {
  principal: string;
  expiration: bigint;
  chain: ChainJSON;
}

// openDemo shows the demo app at an origin.
export async function openDemo(context: BrowserContext, origin: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(origin);
  return page;
}

// pressSignIn fills the form and presses the button; the service's window is
// the answer.
export async function pressSignIn(demo: Page, form: SignInForm = {}): Promise<Page> {
  await demo.locator(`input[name=library][value=${form.library ?? "icp-sdk"}]`).check();
  if (form.ttl !== undefined) await demo.locator("#ttl").fill(form.ttl);
  await demo.locator("#derivation-origin").fill(form.derivationOrigin ?? "");
  const [window] = await Promise.all([demo.waitForEvent("popup"), demo.locator("#sign-in").click()]);
  return window;
}

// createIdentity goes through the service's window as somebody new.
export async function createIdentity(window: Page, name: string): Promise<void> {
  await window.getByRole("button", { name: "Continue with passkey" }).click();
  await window.getByRole("button", { name: "Create new identity" }).click();
  await window.getByPlaceholder("Identity name").fill(name);
  await window.getByRole("button", { name: "Create identity" }).click();
}

// useExisting goes through the service's window with the passkey alone.
export async function useExisting(window: Page): Promise<void> {
  await window.getByRole("button", { name: "Continue with passkey" }).click();
  await window.getByRole("button", { name: "Use existing identity" }).click();
}

export async function pressContinue(window: Page): Promise<void> {
  await window.getByRole("button", { name: "Continue", exact: true }).click();
}

// signedIn reads what the demo app shows after a sign-in that its server has
// verified.
export async function signedIn(demo: Page): Promise<SignedIn> {
  await expect(demo.locator("#signed-in")).toBeVisible();
  await expect(demo.locator("#verdict")).toHaveText("verified by the server");
  const principal = await demo.locator("#principal").innerText();
  const expiration = await demo.locator("#expiration").getAttribute("data-nanoseconds");
  const chain = await demo.locator("#delegation").textContent();
  return { principal, expiration: BigInt(expiration ?? 0), chain: JSON.parse(chain ?? "null") as ChainJSON };
}

export async function signOut(demo: Page): Promise<void> {
  await demo.locator("#sign-out").click();
  await expect(demo.locator("#sign-in")).toBeVisible();
}
