import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AccountRefused } from "../src/backend/errors";
import { PasskeyError } from "../src/crypto/passkey";
import { app, freshBrowser, knowAda, type Memory, Surroundings, session } from "./surroundings";

let storage: Memory;

beforeEach(() => {
  vi.useFakeTimers();
  storage = freshBrowser();
  knowAda();
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const wanted = "ii:multi-accounts:10000";

async function asked(): Promise<Surroundings> {
  const scene = new Surroundings();
  scene.ask("a");
  await scene.settle();
  return scene;
}

async function choosing(): Promise<Surroundings> {
  const scene = await asked();
  await scene.flow.choose(true);
  return scene;
}

describe("somebody who is one person at an app", () => {
  it("is the account that they made the default, wherever that was", async () => {
    const scene = await asked();
    scene.service.standard = 7n;
    void scene.flow.proceed();
    await scene.settle(100);
    expect(scene.service.delegated).toMatchObject([{ origin: app, account: 7n }]);
    expect(scene.service.accounts).not.toHaveBeenCalled();
  });

  it("is the account without a number if they never chose", async () => {
    const scene = await asked();
    void scene.flow.proceed();
    await scene.settle(100);
    expect(scene.service.delegated).toHaveLength(1);
    expect(scene.service.delegated[0]).not.toHaveProperty("account");
  });
});

describe("somebody who wants to choose", () => {
  it("sees the accounts after the passkey, and is asked at the next visit", async () => {
    const scene = await choosing();
    expect(scene.flow.accounts.wanted).toBe(true);
    expect(scene.flow.accounts.list(app)).toEqual([{ number: undefined, name: undefined }]);
    expect(scene.service.passkeys).toHaveLength(1);
    expect(scene.service.delegated).toEqual([]);
    expect(storage.getItem(wanted)).toBe("true");

    const later = await asked();
    expect(later.flow.accounts.wanted).toBe(true);
    // Names are shown to nobody without a passkey.
    expect(later.flow.accounts.list(app)).toBeUndefined();
    await later.flow.proceed();
    expect(later.flow.accounts.list(app)).toHaveLength(1);
    expect(later.service.delegated).toEqual([]);
  });

  it("continues with the one that is chosen, without another passkey", async () => {
    const scene = await choosing();
    scene.service.held.push({ number: 3n, name: "Work" });
    await scene.flow.saveAccount({ account: undefined, name: "Play", standard: false });
    const work = scene.flow.accounts.list(app)?.find(({ name }) => name === "Work");
    void scene.flow.proceed(work);
    expect(scene.flow.chosen).toBe(work);
    await scene.settle(100);
    expect(scene.service.delegated).toMatchObject([{ account: 3n }]);
    expect(scene.service.passkeys).toHaveLength(1);
    expect(scene.flow.screen.name).toBe("done");
  });

  it("may change their mind", async () => {
    const scene = await choosing();
    await scene.flow.choose(false);
    expect(scene.flow.accounts.list(app)).toBeUndefined();
    expect(storage.getItem(wanted)).toBeNull();
    void scene.flow.proceed();
    await scene.settle(100);
    expect(scene.service.delegated).toHaveLength(1);
  });

  it("is not remembered as wanting to when the passkey is refused", async () => {
    const scene = await asked();
    scene.service.signIn.mockRejectedValueOnce(new PasskeyError("cancelled"));
    await scene.flow.choose(true);
    expect(scene.flow.accounts.wanted).toBe(false);
    expect(scene.flow.choosing).toBe(false);
    expect(scene.flow.hint).toBe("No passkey was used. You can try again.");
    expect(storage.getItem(wanted)).toBeNull();
  });

  it("decides for one identity, not for another one in this browser", async () => {
    const scene = await choosing();
    scene.flow.visitor.select({ number: "10001", name: "Bob", credentialIds: [] });
    expect(scene.flow.accounts.wanted).toBe(false);
    expect(scene.flow.accounts.list(app)).toBeUndefined();
    // Nor sees the accounts of the other, having decided the same.
    scene.flow.accounts.want(true);
    expect(scene.flow.accounts.list(app)).toBeUndefined();
  });

  it("sees no accounts of one app at another", async () => {
    const scene = await choosing();
    expect(scene.flow.accounts.list("https://other.example")).toBeUndefined();
  });

  it("decides again at the next visit where nothing can be stored", async () => {
    const throws = () => {
      throw new Error("no storage");
    };
    vi.stubGlobal("localStorage", { getItem: throws, setItem: throws, removeItem: throws });
    const scene = new Surroundings();
    scene.flow.visitor.signedIn(session(10_000n), { name: "Ada", credentialId: Uint8Array.of(1) });
    scene.ask("a");
    await scene.settle();
    await scene.flow.choose(true);
    expect(scene.flow.accounts.list(app)).toHaveLength(1);
    await scene.flow.choose(false);
    expect(scene.flow.accounts.wanted).toBe(false);
  });
});

describe("an account", () => {
  it("is added, and made the default if that was asked for", async () => {
    const scene = await choosing();
    const play = await scene.flow.saveAccount({
      account: undefined,
      name: "Play",
      standard: false,
    });
    expect(play).toEqual({ saved: { number: 1n, name: "Play" } });
    expect(scene.service.setDefaultAccount).not.toHaveBeenCalled();
    await scene.flow.saveAccount({ account: undefined, name: "Work", standard: true });
    expect(scene.service.standard).toBe(2n);
    const list = scene.flow.accounts.list(app) ?? [];
    expect(list.map(({ name }) => name)).toEqual([undefined, "Play", "Work"]);
    expect(list.map((account) => scene.flow.accounts.isDefault(account))).toEqual([
      false,
      false,
      true,
    ]);
  });

  it("is renamed; the first one gets a number by that and stays the default", async () => {
    const scene = await choosing();
    const [first] = scene.flow.accounts.list(app) ?? [];
    await scene.flow.saveAccount({ account: first, name: "Ada", standard: true });
    const [named] = scene.flow.accounts.list(app) ?? [];
    expect(named).toEqual({ number: 1n, name: "Ada" });
    expect(named && scene.flow.accounts.isDefault(named)).toBe(true);
    expect(scene.service.setDefaultAccount).not.toHaveBeenCalled();
  });

  it("that keeps its name is not renamed", async () => {
    const scene = await choosing();
    scene.service.held.push({ number: 3n, name: "Work" });
    await scene.flow.saveAccount({
      account: { number: 3n, name: "Work" },
      name: "Work",
      standard: true,
    });
    expect(scene.service.nameAccount).not.toHaveBeenCalled();
    expect(scene.service.standard).toBe(3n);
  });

  it.each<[unknown, string]>([
    [new AccountRefused("limit"), "You have as many accounts as the service keeps."],
    [new AccountRefused("long"), "This name is too long."],
    [new AccountRefused("failed"), "The service did not accept this. Please try again."],
    [new TypeError("down"), "The service could not be reached. Please try again."],
  ])("that is refused says why: %s", async (error, refused) => {
    const scene = await choosing();
    scene.service.createAccount.mockRejectedValueOnce(error);
    const draft = { account: undefined, name: "Play", standard: false };
    expect(await scene.flow.saveAccount(draft)).toEqual({ refused });
    expect(scene.flow.accounts.list(app)).toHaveLength(1);
  });

  it("that was made is shown even if it could not be made the default", async () => {
    const scene = await choosing();
    scene.service.setDefaultAccount.mockRejectedValueOnce(new TypeError("down"));
    const draft = { account: undefined, name: "Play", standard: true };
    expect(await scene.flow.saveAccount(draft)).toHaveProperty("saved");
    expect(scene.flow.accounts.list(app)).toHaveLength(2);
    expect(scene.flow.hint).toBe("Saved, but not as the default. Please try that again.");
  });
});
