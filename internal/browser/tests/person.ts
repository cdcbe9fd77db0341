import { expect, type BrowserContext, type Page } from "@playwright/test";
import type { Authenticator } from "./authenticator";
import type { Host } from "./service";
import { verifyChain, type ChainJSON, type Verified } from "./verify";

export type Library = "icp-sdk" | "dfinity";

export interface SignInForm {
  library?: Library;
  // Minutes.
  ttl?: string;
  derivationOrigin?: string;
}

export interface SignedIn {
  principal: string;
  // Nanoseconds since 1970.
  expiration: bigint;
  chain: ChainJSON;
}

// A person with a browser and an authenticator, and what they do.
export class Person {
  // The service's window of the last sign-in.
  private window?: Page;

  constructor(
    readonly context: BrowserContext,
    readonly authenticator: Authenticator,
    readonly service: Host,
  ) {
    authenticator.carryTo(context);
  }

  // openDemo shows the demo app at one of its origins.
  async openDemo(origin = this.service.demo): Promise<Page> {
    const page = await this.context.newPage();
    await page.goto(origin);
    await expect(page.locator("#sign-in")).toBeVisible();
    return page;
  }

  // pressSignIn fills the form and presses the button; the service's window is
  // the answer.
  async pressSignIn(demo: Page, form: SignInForm = {}): Promise<Page> {
    await demo.locator(`input[name=library][value=${form.library ?? "icp-sdk"}]`).check();
    if (form.ttl !== undefined) await demo.locator("#ttl").fill(form.ttl);
    await demo.locator("#derivation-origin").fill(form.derivationOrigin ?? "");
    const [window] = await Promise.all([demo.waitForEvent("popup"), demo.locator("#sign-in").click()]);
    await this.authenticator.ready(window);
    this.window = window;
    return window;
  }

  // signedIn reads what the demo app shows after a sign-in that its server has
  // verified, and verifies it once more with independent code and the root key
  // alone. It waits for the libraries to close the service's window, which they
  // do a moment later: a page that is loaded again before that leaves it open,
  // and the next sign-in uses it instead of opening one.
  async signedIn(demo: Page): Promise<SignedIn> {
    await expect(demo.locator("#signed-in")).toBeVisible();
    await expect(demo.locator("#verdict")).toHaveText("verified by the server");
    const principal = await demo.locator("#principal").innerText();
    const expiration = BigInt((await demo.locator("#expiration").getAttribute("data-nanoseconds")) ?? 0);
    const chain = JSON.parse((await demo.locator("#delegation").textContent()) ?? "null") as ChainJSON;
    const verified = await this.verified(chain);
    expect(verified.principal).toBe(principal);
    expect(verified.expiration).toBe(expiration);
    if (this.window !== undefined) await closed(this.window);
    return { principal, expiration, chain };
  }

  async verified(chain: ChainJSON): Promise<Verified> {
    return verifyChain(chain, await this.service.rootKey(), this.service.canister);
  }

  // signIn is all of it for somebody whom this browser knows.
  async signIn(demo: Page, form: SignInForm = {}): Promise<SignedIn> {
    await pressContinue(await this.pressSignIn(demo, form));
    return this.signedIn(demo);
  }
}

export async function continueWithPasskey(window: Page): Promise<void> {
  await window.getByRole("button", { name: "Continue with passkey" }).click();
}

// createIdentity goes on as somebody new.
export async function createIdentity(window: Page, name: string): Promise<void> {
  await window.getByRole("button", { name: "Create new identity" }).click();
  await window.getByPlaceholder("Identity name").fill(name);
  await window.getByRole("button", { name: "Create identity" }).click();
}

// useExisting goes on with the passkey alone.
export async function useExisting(window: Page): Promise<void> {
  await window.getByRole("button", { name: "Use existing identity" }).click();
}

export async function pressContinue(window: Page): Promise<void> {
  await window.getByRole("button", { name: "Continue", exact: true }).click();
}

export async function returnToApp(window: Page): Promise<void> {
  await Promise.all([closed(window), window.getByRole("button", { name: "Return to app" }).click()]);
}

async function closed(window: Page): Promise<void> {
  if (!window.isClosed()) await window.waitForEvent("close");
}

export async function signOut(demo: Page): Promise<void> {
  await demo.locator("#sign-out").click();
  await expect(demo.locator("#sign-in")).toBeVisible();
}

// notSignedIn wants the demo app to say why, and to be ready for another try.
export async function notSignedIn(demo: Page, why: string | RegExp): Promise<void> {
  await expect(demo.locator("#error")).toContainText(why);
  await expect(demo.locator("#signed-in")).toBeHidden();
  await expect(demo.locator("#sign-in")).toBeEnabled();
}
