import { beforeEach, describe, expect, it, vi } from "vitest";
import { Refused } from "../src/backend/errors";
import type { Identity, Method } from "../src/backend/management";
import { PasskeyError } from "../src/crypto/passkey";
import { Manage } from "../src/flow/manage.svelte";
import { Phrase } from "../src/flow/phrase.svelte";
import { Visitor } from "../src/flow/visitor.svelte";
import { freshBrowser, key, knowAda, session } from "./surroundings";

// A service that keeps the methods of one identity.
const held = vi.hoisted(() => ({
  methods: [] as Method[],
  name: "Ada" as string | undefined,
  calls: [] as string[],
  refuse: undefined as Error | undefined,
}));

vi.mock("../src/backend/management", async (original) => {
  const real = await original<typeof import("../src/backend/management")>();
  const call = async (name: string, work: () => void) => {
    held.calls.push(name);
    if (held.refuse !== undefined) {
      const refused = held.refuse;
      held.refuse = undefined;
      throw refused;
    }
    work();
  };
  const without = (gone: Method) =>
    held.methods.filter((one) => one.publicKey.join() !== gone.publicKey.join());
  class Management {
    static async of() {
      return new Management();
    }
    async identity(): Promise<Identity> {
      // As the service does: whoever asks has been there.
      return { number: 10_000n, name: held.name, createdAt: 0, methods: [...held.methods] };
    }
    rename = (name: string) =>
      call("rename", () => {
        held.name = name;
      });
    add = (data: never) =>
      call("add", () => {
        held.methods = [...held.methods, real.methodOf(data)];
      });
    replace = (old: Method, data: never) =>
      call("replace", () => {
        held.methods = [...without(old), real.methodOf(data)];
      });
    remove = (method: Method) =>
      call("remove", () => {
        held.methods = without(method);
      });
    lock = (method: Method, locked: boolean) =>
      call(locked ? "lock" : "unlock", () => {
        held.methods = [...without(method), { ...method, locked }];
      });
  }
  return { ...real, Management };
});

const create = vi.fn();
const backend = {
  authenticators: { dummy: false, create, sign: vi.fn() },
  signIn: vi.fn(),
  verifyDuring: vi.fn(),
  details: vi.fn(async () => ({ name: "Ada", credentialIds: [Uint8Array.of(1)] })),
};

const passkey = (id: number) => ({
  credentialId: Uint8Array.of(id),
  publicKey: Uint8Array.of(0x30, id),
  aaguid: undefined,
  attachment: undefined,
});

const laptop = {
  kind: "passkey",
  publicKey: key,
  credentialId: Uint8Array.of(1),
  alias: "Laptop",
  recovery: false,
  locked: false,
} as Method;

let visitor: Visitor;
let manage: Manage;

beforeEach(() => {
  freshBrowser();
  knowAda();
  vi.stubGlobal("location", { origin: "https://ii.example" });
  held.methods = [laptop];
  held.name = "Ada";
  held.calls = [];
  held.refuse = undefined;
  create.mockReset().mockResolvedValue(passkey(2));
  backend.signIn.mockReset().mockImplementation(async () => ({
    session: session(10_000n),
    credentialId: Uint8Array.of(1),
  }));
  const connection = async () => backend as never;
  visitor = new Visitor(connection);
  manage = new Manage(connection, visitor);
});

describe("managing an identity", () => {
  it("begins with one passkey dialog", async () => {
    expect(await manage.open()).toBe(true);
    expect(await manage.rename(" Ada L. ")).toBe(true);
    expect(backend.signIn).toHaveBeenCalledOnce();
    expect(manage.name).toBe("Ada L.");
    expect(visitor.name).toBe("Ada L.");
    expect(manage.inUse(laptop)).toBe(true);
    expect(manage.alone).toBe(true);
  });

  it("asks again once the session is over", async () => {
    backend.signIn.mockResolvedValueOnce({
      session: session(10_000n, Date.now() - 1),
      credentialId: Uint8Array.of(1),
    });
    await manage.open();
    await manage.rename("Ada L.");
    expect(backend.signIn).toHaveBeenCalledTimes(2);
  });

  it("does nothing with a passkey of somebody else", async () => {
    backend.signIn.mockResolvedValueOnce({
      session: session(10_001n),
      credentialId: Uint8Array.of(9),
    });
    expect(await manage.rename("Eve")).toBe(false);
    expect(manage.problem).toContain("belongs to another identity");
    expect(held.calls).toEqual([]);
  });

  it.each([
    ["", "Please enter a name."],
    ["   ", "Please enter a name."],
    ["ü".repeat(65), "This name is too long."],
  ])("does not ask the service about the name %s", async (name, problem) => {
    expect(await manage.rename(name)).toBe(false);
    expect(manage.problem).toBe(problem);
    expect(held.calls).toEqual([]);
  });

  it("does one thing at a time", async () => {
    await manage.open();
    const first = manage.rename("One");
    expect(await manage.rename("Two")).toBe(false);
    expect(await first).toBe(true);
    expect(held.name).toBe("One");
  });

  it("adds a passkey that no authenticator has twice", async () => {
    await manage.open();
    expect(await manage.add()).toBe(true);
    expect(create).toHaveBeenCalledWith("Ada", { except: [Uint8Array.of(1)] });
    expect(manage.passkeys.map(({ alias }) => alias)).toEqual(["Laptop", "Unknown"]);
    expect(manage.alone).toBe(false);
    expect(visitor.current?.credentialIds).toEqual([Uint8Array.of(1), Uint8Array.of(2)]);
  });

  it("keeps a passkey that could not be delivered, and no other's", async () => {
    await manage.open();
    held.refuse = new TypeError("down");
    expect(await manage.add()).toBe(false);
    expect(manage.problem).toContain("could not be reached");
    expect(await manage.add()).toBe(true);
    expect(create).toHaveBeenCalledOnce();
    // One that was refused is not tried again.
    held.refuse = new Refused("PasskeyWithThisPublicKeyIsAlreadyUsed");
    expect(await manage.add()).toBe(false);
    expect(manage.problem).toContain("opens another identity");
    create.mockResolvedValueOnce(passkey(3));
    expect(await manage.add({ securityKey: true }, true)).toBe(true);
    expect(create).toHaveBeenCalledTimes(3);
    expect(manage.recovery).toHaveLength(1);
  });

  it("leaves everything as it was when the dialog is cancelled", async () => {
    await manage.open();
    create.mockRejectedValueOnce(new PasskeyError("cancelled"));
    expect(await manage.add()).toBe(false);
    expect(manage.problem).toContain("No passkey was used");
    expect(manage.passkeys).toHaveLength(1);
  });

  it("ends with the method that was used", async () => {
    await manage.open();
    await manage.add();
    expect(await manage.remove(laptop)).toBe(true);
    expect(manage.identity).toBeUndefined();
    expect(visitor.live).toBe(false);
    // The browser still knows who was here, by what is left.
    expect(visitor.current?.credentialIds).toEqual([Uint8Array.of(2)]);
  });

  it("goes on when another method is removed", async () => {
    await manage.open();
    await manage.add();
    const [, other] = manage.passkeys;
    expect(await manage.remove(other as Method)).toBe(true);
    expect(manage.identity?.methods).toEqual([laptop]);
    expect(visitor.live).toBe(true);
  });

  it("looks after what is being done, and not during", async () => {
    await manage.open();
    const renaming = manage.rename("One");
    const seen = await manage.look("look", async () => held.name);
    expect(seen).toBe("One");
    await renaming;
  });
});

describe("a recovery phrase", () => {
  let phrase: Phrase;

  beforeEach(async () => {
    await manage.open();
    phrase = new Phrase(manage);
  });

  async function chooseAll(words: string[]): Promise<void> {
    for (const word of words) {
      const at = phrase.shuffled.findIndex((one, i) => one === word && !phrase.chosen.includes(i));
      await phrase.choose(at);
    }
  }

  it("is given to the identity before it is shown", async () => {
    phrase.begin();
    await phrase.create();
    expect(phrase.step).toBe("words");
    expect(phrase.words).toHaveLength(24);
    expect(phrase.revealed).toBe(false);
    expect(phrase.method).toMatchObject({ kind: "phrase", recovery: true, locked: false });
    expect(phrase.verified).toBe(false);
  });

  it("is not shown if the service did not take it", async () => {
    held.refuse = new Refused("InvalidMetadata");
    await phrase.create();
    expect(phrase.words).toEqual([]);
    expect(phrase.step).not.toBe("words");
    expect(phrase.hint).not.toBe("");
  });

  it("is proven by its order, and forgotten then", async () => {
    await phrase.create();
    const { words } = phrase;
    phrase.check();
    expect([...phrase.shuffled].sort()).toEqual([...words].sort());
    await chooseAll(words);
    expect(phrase.step).toBe("overview");
    expect(phrase.words).toEqual([]);
    expect(phrase.shuffled).toEqual([]);
  });

  it("is not proven by another order", async () => {
    await phrase.create();
    const { words } = phrase;
    phrase.check();
    await chooseAll([...words.slice(1), words[0] ?? ""]);
    expect(phrase.step).toBe("wrong");
    phrase.retry();
    expect(phrase.step).toBe("words");
  });

  it("is not proven by the words of another", async () => {
    await phrase.create();
    phrase.leave();
    phrase.ask("verify");
    await phrase.typed([...Array.from({ length: 23 }, () => "abandon"), "art"]);
    expect(phrase.hint).toContain("another identity");
    await phrase.typed(["abandon"]);
    expect(phrase.hint).toContain("no recovery phrase");
    expect(phrase.step).toBe("type");
  });

  it("that is locked gives way to its own words alone", async () => {
    await phrase.create();
    const { words } = phrase;
    expect(await phrase.lock()).toBe("");
    expect(phrase.method?.locked).toBe(true);
    phrase.ask("reset");
    await phrase.typed(words);
    expect(held.calls.at(-1)).toBe("replace");
    expect(phrase.step).toBe("words");
    expect(phrase.words).not.toEqual(words);
    expect(phrase.method?.locked).toBe(false);
  });
});
