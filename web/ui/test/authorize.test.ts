import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { UnknownPasskey } from "../src/backend/errors";
import { PasskeyError } from "../src/crypto/passkey";
import { UnverifiedOrigin } from "../src/protocol/origins";
import { app, freshBrowser, key, knowAda, Surroundings, session } from "./surroundings";

beforeEach(() => {
  vi.useFakeTimers();
  freshBrowser();
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function problemOf({ flow }: Surroundings) {
  return flow.screen.name === "problem" ? flow.screen.problem : undefined;
}

describe("connecting", () => {
  it("waits ten seconds for an app, and not longer", async () => {
    const scene = new Surroundings();
    await scene.settle(9_999);
    expect(scene.flow.screen.name).toBe("waiting");
    await scene.settle(1);
    expect(problemOf(scene)?.title).toBe("Unable to connect");
    await Promise.all([scene.flow.returnToApp(), scene.settle(100)]);
    expect(scene.close).toHaveBeenCalledOnce();
    expect(scene.opener.answers).toEqual([]);
  });

  it("goes on with an app that speaks late", async () => {
    const scene = new Surroundings();
    await scene.settle(10_000);
    scene.send({ jsonrpc: "2.0", id: 1, method: "icrc29_status" });
    expect(scene.flow.screen.name).toBe("waiting");
    scene.ask("a");
    await scene.settle();
    expect(scene.flow.screen.name).toBe("signIn");
  });

  it("does not give up on an app that has spoken", async () => {
    const scene = new Surroundings();
    scene.send({ jsonrpc: "2.0", id: 1, method: "icrc29_status" });
    await scene.settle(60_000);
    expect(scene.flow.screen.name).toBe("waiting");
  });

  it("says at once that there is no app", () => {
    const scene = new Surroundings({ alone: true });
    expect(problemOf(scene)?.title).toBe("Unable to connect");
    expect(scene.flow.hasApp).toBe(false);
  });

  it("refuses an address that asks for two things", () => {
    const scene = new Surroundings({ search: "?openid=x&sso=y" });
    expect(problemOf(scene)?.title).toBe("Invalid request");
  });

  it("notices that the app has gone", async () => {
    const scene = new Surroundings();
    scene.ask("a");
    await scene.settle();
    scene.opener.closed = true;
    await scene.settle(1000);
    expect(problemOf(scene)?.title).toBe("Connection closed");
  });
});

describe("a person this browser knows", () => {
  beforeEach(knowAda);

  it("continues with one passkey dialog, for the passkeys of this identity", async () => {
    const scene = new Surroundings();
    scene.ask("a", { maxTimeToLive: "60000000000" });
    await scene.settle();
    expect(scene.flow.screen.name).toBe("continue");
    const proceeding = scene.flow.proceed();
    expect(scene.flow.busy).toBe(true);
    // A second press while the dialog is open changes nothing.
    void scene.flow.proceed();
    await scene.settle(100);
    await proceeding;
    expect(scene.service.passkeys).toEqual([[Uint8Array.of(1)]]);
    expect(scene.service.delegated).toEqual([
      {
        origin: app,
        request: {
          sessionPublicKey: key,
          maxTimeToLive: 60_000_000_000n,
          derivationOrigin: undefined,
        },
      },
    ]);
    expect(scene.flow.screen.name).toBe("done");
    expect(scene.opener.last?.message.id).toBe("a");
    expect(scene.opener.last?.target).toBe(app);
    // The name and the passkey are known, so nobody was asked for them.
    expect(scene.service.details).not.toHaveBeenCalled();
    // The app closes the window, nobody else.
    await scene.settle(60_000);
    expect(scene.close).not.toHaveBeenCalled();
  });

  it("is not answered under the finger: 60 ms after the last click", async () => {
    const scene = new Surroundings();
    scene.ask("a");
    await scene.settle();
    scene.click();
    void scene.flow.proceed();
    await scene.settle(59);
    expect(scene.opener.answers).toEqual([]);
    await scene.settle(1);
    expect(scene.opener.answers).toHaveLength(1);
  });

  it("answers requests that came together one by one, with one passkey dialog", async () => {
    const scene = new Surroundings();
    scene.ask("a");
    scene.ask("b", { icrc95DerivationOrigin: "https://main.example" });
    await scene.settle();
    await Promise.all([scene.flow.proceed(), scene.settle(100)]);
    expect(scene.opener.answers.map(({ id }) => id)).toEqual(["a"]);
    expect(scene.flow.screen.name).toBe("continue");
    expect(scene.flow.shared).toBe("main.example");
    await Promise.all([scene.flow.proceed(), scene.settle(100)]);
    expect(scene.opener.answers.map(({ id }) => id)).toEqual(["a", "b"]);
    expect(scene.service.delegated.map(({ origin }) => origin)).toEqual([
      app,
      "https://main.example",
    ]);
    expect(scene.service.passkeys).toHaveLength(1);
    expect(scene.flow.screen.name).toBe("done");
  });

  it("needs the passkey again when the session has ended", async () => {
    const scene = new Surroundings();
    scene.service.signIn.mockImplementation(async () => ({
      session: session(10_000n, Date.now() + 1_000),
      credentialId: Uint8Array.of(1),
    }));
    for (const [id, pause] of [
      ["a", 0],
      ["b", 500],
      ["c", 1_000],
    ] as const) {
      await scene.settle(pause);
      scene.ask(id);
      await scene.settle();
      await Promise.all([scene.flow.proceed(), scene.settle(100)]);
    }
    expect(scene.opener.answers).toHaveLength(3);
    expect(scene.service.signIn).toHaveBeenCalledTimes(2);
  });

  it("can cancel the dialog and try again", async () => {
    const scene = new Surroundings();
    scene.ask("a");
    await scene.settle();
    scene.service.signIn.mockRejectedValueOnce(new PasskeyError("cancelled"));
    await scene.flow.proceed();
    expect(scene.flow.screen.name).toBe("continue");
    expect(scene.flow.hint).toBe("No passkey was used. You can try again.");
    expect(scene.flow.busy).toBe(false);
    await Promise.all([scene.flow.proceed(), scene.settle(100)]);
    expect(scene.flow.hint).toBe("");
    expect(scene.opener.answers).toHaveLength(1);
  });

  it("is told when the passkey is somebody else's, and asked again", async () => {
    const scene = new Surroundings();
    scene.ask("a");
    await scene.settle();
    scene.service.signIn.mockResolvedValueOnce({
      session: session(10_001n),
      credentialId: Uint8Array.of(2),
    });
    scene.service.details.mockResolvedValueOnce({ name: "Bob", credentialIds: [Uint8Array.of(2)] });
    await scene.flow.proceed();
    expect(scene.service.delegated).toEqual([]);
    expect(scene.flow.screen.name).toBe("continue");
    expect(scene.flow.visitor.current?.number).toBe("10001");
    expect(scene.flow.hint).toContain("belongs to");
  });

  it("starts anew when the service does not know the passkey", async () => {
    const scene = new Surroundings();
    scene.ask("a");
    await scene.settle();
    scene.service.signIn.mockRejectedValueOnce(new UnknownPasskey());
    await scene.flow.proceed();
    expect(scene.flow.screen.name).toBe("signIn");
    expect(scene.flow.signIn.hint).toBe("No identity belongs to this passkey. You can create one.");
    expect(scene.flow.visitor.identities).toEqual([]);
  });

  it("can look for another identity, and come back", async () => {
    const scene = new Surroundings();
    scene.ask("a");
    await scene.settle();
    scene.flow.another();
    expect(scene.flow.screen.name).toBe("signIn");
    expect(scene.flow.signIn.canGoBack).toBe(true);
    scene.flow.signIn.choose();
    scene.flow.signIn.back();
    scene.flow.signIn.back();
    expect(scene.flow.screen.name).toBe("continue");
  });

  it("does not answer a request that the app has replaced meanwhile", async () => {
    const scene = new Surroundings();
    const legacy = (byte: number) => ({
      kind: "authorize-client",
      sessionPublicKey: Uint8Array.of(0x30, byte),
    });
    scene.send(legacy(1));
    await scene.settle();
    const proceeding = scene.flow.proceed();
    scene.send(legacy(2));
    await scene.settle(100);
    await proceeding;
    expect(scene.opener.answers).toEqual([]);
    expect(scene.flow.screen.name).toBe("continue");
    await Promise.all([scene.flow.proceed(), scene.settle(100)]);
    expect(scene.service.delegated.at(-1)?.request.sessionPublicKey).toEqual(
      Uint8Array.of(0x30, 2),
    );
    expect(scene.opener.answers).toHaveLength(1);
  });

  it("is not told of a success when the app went during the dialog", async () => {
    const scene = new Surroundings();
    scene.ask("a");
    await scene.settle();
    const proceeding = scene.flow.proceed();
    scene.opener.closed = true;
    await scene.settle(1000);
    await proceeding;
    expect(problemOf(scene)?.title).toBe("Connection closed");
    expect(scene.opener.answers).toEqual([]);
  });
});

describe("what fails", () => {
  it("goes to no one with an origin that was not verified", async () => {
    knowAda();
    const scene = new Surroundings();
    scene.up = false;
    scene.ask("a", { icrc95DerivationOrigin: "https://main.example" });
    await scene.settle();
    expect(problemOf(scene)?.title).toBe("Authentication failed");
    scene.up = true;
    scene.service.effectiveOrigin.mockRejectedValue(new UnverifiedOrigin("not listed"));
    problemOf(scene)?.retry?.();
    await scene.settle();
    expect(scene.service.effectiveOrigin).toHaveBeenCalledOnce();
    expect(problemOf(scene)?.title).toBe("Unverified origin");
    await scene.flow.proceed();
    expect(scene.service.delegated).toEqual([]);
  });

  it("can be tried again", async () => {
    knowAda();
    const scene = new Surroundings();
    scene.up = false;
    scene.ask("a");
    await scene.settle();
    // An app that asks for its own identity needs no check: nobody waits.
    expect(scene.flow.screen.name).toBe("continue");
    await scene.flow.proceed();
    expect(problemOf(scene)?.title).toBe("Authentication failed");
    scene.up = true;
    problemOf(scene)?.retry?.();
    await scene.settle();
    scene.service.delegate.mockRejectedValueOnce(
      new Error("prepare_account_delegation: Unauthorized"),
    );
    await scene.flow.proceed();
    expect(problemOf(scene)?.detail).toBe("prepare_account_delegation: Unauthorized");
    expect(scene.opener.answers).toEqual([]);
    problemOf(scene)?.retry?.();
    await Promise.all([scene.flow.proceed(), scene.settle(100)]);
    expect(scene.flow.screen.name).toBe("done");
    // A session that failed is not used again.
    expect(scene.service.signIn).toHaveBeenCalledTimes(2);
  });

  it("is shown first, and told when the person returns", async () => {
    const scene = new Surroundings();
    scene.service.effectiveOrigin.mockRejectedValue(new UnverifiedOrigin("not listed"));
    scene.ask("a", { icrc95DerivationOrigin: "https://main.example" });
    scene.ask("b", { maxTimeToLive: "soon" });
    scene.ask("c");
    await scene.settle(5_000);
    expect(scene.opener.answers).toEqual([]);
    scene.click();
    const leaving = scene.flow.returnToApp();
    await scene.settle(59);
    expect(scene.opener.answers).toEqual([]);
    expect(scene.close).not.toHaveBeenCalled();
    await scene.settle(1);
    await leaving;
    expect(scene.opener.answers.map(({ id, error }) => [id, error.code, error.message])).toEqual([
      ["a", -32602, "Unverified origin: not listed"],
      ["b", -32602, "maxTimeToLive is not a number of nanoseconds."],
      ["c", 3001, "The person returned to the app."],
    ]);
    expect(scene.close).toHaveBeenCalledOnce();
    // Nothing new appears in a window that is closing.
    expect(problemOf(scene)?.title).toBe("Unverified origin");
  });

  it("stays on the screen when the app asks for more", async () => {
    const scene = new Surroundings();
    scene.ask("a", { maxTimeToLive: "soon" });
    const shown = scene.flow.screen;
    scene.ask("b");
    await scene.settle();
    expect(scene.flow.screen).toBe(shown);
  });

  it("is an answer too when there are no passkeys here", async () => {
    const scene = new Surroundings();
    scene.ask("a");
    await scene.settle();
    await Promise.all([scene.flow.returnToApp(), scene.settle(100)]);
    expect(scene.opener.answers).toMatchObject([
      { id: "a", error: { code: 1000, message: "Passkeys not available here" } },
    ]);
  });
});
