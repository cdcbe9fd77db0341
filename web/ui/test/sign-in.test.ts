import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { RegistrationStep } from "../src/backend";
import { RegistrationRefused, UnknownPasskey } from "../src/backend/errors";
import { PasskeyError } from "../src/crypto/passkey";
import { SignIn } from "../src/flow/sign-in.svelte";
import { Visitor } from "../src/flow/visitor.svelte";
import { freshBrowser, type Memory, session } from "./surroundings";

const passkey = {
  credentialId: Uint8Array.of(7),
  publicKey: Uint8Array.of(0x30),
  aaguid: undefined,
  attachment: undefined,
};

let storage: Memory;
let steps: (RegistrationStep | Error)[];
let done: ReturnType<typeof vi.fn<() => void>>;
const createPasskey = vi.fn();
const service = {
  authenticators: { dummy: false, create: createPasskey },
  signIn: vi.fn(),
  register: vi.fn(),
  verifyDuring: vi.fn(),
  details: vi.fn(async () => ({ name: "Ada", credentialIds: [Uint8Array.of(7)] })),
};

function start(): SignIn {
  const backend = async () => service as never;
  return new SignIn(backend, new Visitor(backend), "picker", done);
}

async function next(): Promise<RegistrationStep> {
  const step = steps.shift();
  if (step === undefined || step instanceof Error) {
    throw step ?? new Error("nothing was expected");
  }
  return step;
}

beforeEach(() => {
  storage = freshBrowser();
  createPasskey.mockReset().mockResolvedValue(passkey);
  service.register.mockReset().mockImplementation(async () => ({ proceed: next, solve: next }));
  service.signIn.mockReset();
  done = vi.fn<() => void>();
  steps = [];
});

afterEach(() => vi.unstubAllGlobals());

describe("a new identity", () => {
  it("needs one passkey dialog and is remembered by name", async () => {
    const flow = start();
    steps = [{ session: session(10_000n) }];
    await flow.create("  Ada ");
    expect(createPasskey).toHaveBeenCalledExactlyOnceWith("Ada");
    expect(done).toHaveBeenCalledOnce();
    expect(JSON.parse(storage.getItem("ii:known-identities") ?? "")).toEqual([
      { number: "10000", name: "Ada", credentialIds: ["Bw"] },
    ]);
  });

  it.each([
    ["", "Please enter a name."],
    ["   ", "Please enter a name."],
    ["あ".repeat(43), "This name is too long."],
  ])("gets no passkey for the name %j", async (name, hint) => {
    const flow = start();
    await flow.create(name);
    expect(flow.hint).toBe(hint);
    expect(flow.invalid).toBe(true);
    expect(createPasskey).not.toHaveBeenCalled();
  });

  it("may have a name of 128 bytes", async () => {
    const flow = start();
    steps = [{ session: session(10_000n) }];
    await flow.create(`${"あ".repeat(42)}xx`);
    expect(done).toHaveBeenCalledOnce();
  });

  it("keeps its passkey when the service refuses for the moment", async () => {
    const flow = start();
    steps = [new RegistrationRefused("busy"), { session: session(10_000n) }];
    await flow.create("Ada");
    expect(flow.hint).toContain("Too many people");
    await flow.create("Ada");
    expect(createPasskey).toHaveBeenCalledOnce();
    expect(done).toHaveBeenCalledOnce();
  });

  it("can be cancelled and tried again", async () => {
    const flow = start();
    flow.choose();
    flow.name();
    createPasskey.mockRejectedValueOnce(new PasskeyError("cancelled"));
    await flow.create("Ada");
    expect(flow.hint).toBe("No passkey was used. You can try again.");
    expect(flow.invalid).toBe(false);
    expect(flow.step.name).toBe("naming");
    steps = [{ session: session(10_000n) }];
    await flow.create("Ada");
    expect(done).toHaveBeenCalledOnce();
  });

  it("may need a captcha, and another one", async () => {
    const flow = start();
    steps = [
      { captcha: "A", wrong: false },
      { captcha: "B", wrong: true },
      { session: session(10_000n) },
    ];
    await flow.create("Ada");
    expect(flow.step).toEqual({ name: "captcha", image: "A" });
    expect(flow.hint).toBe("");
    await flow.solve("x");
    expect(flow.step).toEqual({ name: "captcha", image: "B" });
    expect(flow.hint).toBe("Incorrect. Try again with the new code.");
    expect(flow.invalid).toBe(true);
    await flow.solve("y");
    expect(done).toHaveBeenCalledOnce();
  });

  it("starts over with its name when the service has forgotten it", async () => {
    const flow = start();
    steps = [{ captcha: "A", wrong: false }, new RegistrationRefused("expired")];
    await flow.create("Ada");
    await flow.solve("x");
    expect(flow.step.name).toBe("naming");
    expect(flow.hint).toBe("That took too long. Please try again.");
  });
});

describe("an identity that exists", () => {
  it("is found by its passkey, and its name is looked up", async () => {
    const flow = start();
    service.signIn.mockResolvedValue({
      session: session(10_000n),
      credentialId: Uint8Array.of(7),
    });
    await flow.existing();
    expect(service.signIn).toHaveBeenCalledExactlyOnceWith([]);
    expect(done).toHaveBeenCalledOnce();
    await vi.waitFor(() =>
      expect(JSON.parse(storage.getItem("ii:known-identities") ?? "")).toEqual([
        { number: "10000", name: "Ada", credentialIds: ["Bw"] },
      ]),
    );
  });

  it.each([
    [new PasskeyError("cancelled"), "No passkey was used. You can try again."],
    [new PasskeyError("unavailable"), "Passkeys not available here."],
    [new UnknownPasskey(), "No identity belongs to this passkey. You can create one."],
    [new TypeError("failed to fetch"), "The service could not be reached. Please try again."],
  ])("that is not found leaves the screen as it is: %s", async (error, hint) => {
    const flow = start();
    flow.choose();
    service.signIn.mockRejectedValue(error);
    await flow.existing();
    expect(flow.step.name).toBe("chooser");
    expect(flow.hint).toBe(hint);
    expect(flow.busy).toBe(false);
    expect(done).not.toHaveBeenCalled();
  });
});

describe("going back", () => {
  it("leads from step to step, and nowhere from the first", () => {
    const flow = start();
    expect(flow.canGoBack).toBe(false);
    flow.back();
    expect(flow.step.name).toBe("picker");
    flow.choose();
    flow.name();
    flow.back();
    expect(flow.step.name).toBe("chooser");
    flow.back();
    expect(flow.step.name).toBe("picker");
  });

  it("waits for the dialog", async () => {
    const flow = start();
    flow.choose();
    let cancel = (_: Error) => {};
    service.signIn.mockReturnValue(
      new Promise((_, reject) => {
        cancel = reject;
      }),
    );
    const existing = flow.existing();
    flow.back();
    expect(flow.step.name).toBe("chooser");
    cancel(new PasskeyError("cancelled"));
    await existing;
    flow.back();
    expect(flow.step.name).toBe("picker");
  });
});
