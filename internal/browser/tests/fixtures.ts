import { expect, test as base, type BrowserContext } from "@playwright/test";
import { Authenticator, type Credential } from "./authenticator";
import { createIdentity, Person } from "./person";
import { Service } from "./service";

type StorageState = Awaited<ReturnType<BrowserContext["storageState"]>>;

// What a browser and an authenticator keep of an identity.
interface Kept {
  credentials: Credential[];
  state: StorageState;
}

interface TestFixtures {
  // Somebody with an empty authenticator, whom the browser does not know.
  newcomer: Person;
  // Somebody with an identity, whom the browser knows by name.
  ada: Person;
}

interface WorkerFixtures {
  service: Service;
  kept: Kept;
}

export const test = base.extend<TestFixtures, WorkerFixtures>({
  service: [
    async ({}, use) => {
      const service = await Service.start();
      await use(service);
      await service.discard();
    },
    { scope: "worker" },
  ],
  // Made once for every worker, on the start page.
  kept: [
    async ({ browser, service }, use) => {
      const context = await browser.newContext();
      const { authenticator } = new Person(context, new Authenticator(), service);
      const page = await context.newPage();
      await authenticator.ready(page);
      await page.goto(service.url);
      await createIdentity(page, "Ada");
      await expect(page.getByRole("heading", { name: "Hello, Ada" })).toBeVisible();
      const state = await context.storageState();
      await context.close();
      await use({ credentials: authenticator.all, state });
    },
    { scope: "worker" },
  ],
  newcomer: async ({ context, service }, use) => {
    await use(new Person(context, new Authenticator(), service));
  },
  ada: async ({ browser, service, kept }, use) => {
    const context = await browser.newContext({ storageState: kept.state });
    await use(new Person(context, new Authenticator(kept.credentials), service));
    await context.close();
  },
});

export { expect };
