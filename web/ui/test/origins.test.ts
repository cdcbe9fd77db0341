import { describe, expect, it } from "vitest";
import { effectiveOrigin, type Question, remap, UnverifiedOrigin } from "../src/protocol/origins";

const id = "rdmx6-jaaaa-aaaaa-aaadq-cai";
const app = "https://app.example";
const main = "https://main.example";

interface Web {
  // Address -> status and body; a missing address is a network error.
  [url: string]: { status?: number; body?: unknown; canister?: string };
}

function ask(web: Web, over: Partial<Question> & { provider?: Question["provider"] } = {}) {
  const fetched: { url: string; init: RequestInit }[] = [];
  const question: Question = {
    origin: app,
    derivationOrigin: main,
    provider: new URL("https://ii.example"),
    isPrincipal: (text) => text === id,
    async fetch(url, init) {
      fetched.push({ url, init });
      const answer = web[url];
      if (answer === undefined) {
        throw new TypeError("failed to fetch");
      }
      const text = typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body);
      return new Response(init.method === "HEAD" ? null : text, {
        status: answer.status ?? 200,
        headers: answer.canister === undefined ? {} : { "x-ic-canister-id": answer.canister },
      });
    },
    ...over,
  };
  return { result: effectiveOrigin(question), fetched };
}

const list = `https://${id}.icp0.io/.well-known/ii-alternative-origins`;
const known = { [main]: { canister: id } };

describe("remapping", () => {
  it.each([
    [`https://${id}.icp0.io`, `https://${id}.ic0.app`],
    [`https://${id}.raw.icp0.io`, `https://${id}.raw.ic0.app`],
    [`https://${id}.icp.net`, `https://${id}.ic0.app`],
    [`https://${id}.ic0.app`, `https://${id}.ic0.app`],
    [`http://${id}.icp0.io`, `http://${id}.icp0.io`],
    ["https://a.b.icp0.io", "https://a.b.icp0.io"],
    ["https://icp0.io", "https://icp0.io"],
    ["https://evil.example/.icp0.io", "https://evil.example/.icp0.io"],
    ["https://x.icp0.io.evil.example", "https://x.icp0.io.evil.example"],
    [app, app],
  ])("%s", (origin, expected) => {
    expect(remap(origin)).toBe(expected);
  });
});

describe("no list is needed", () => {
  it.each([
    [app, undefined, app],
    [app, app, app],
    [`https://${id}.icp0.io`, undefined, `https://${id}.ic0.app`],
    [`https://${id}.icp0.io`, `https://${id}.ic0.app`, `https://${id}.ic0.app`],
    [`https://${id}.ic0.app`, `https://${id}.icp0.io`, `https://${id}.ic0.app`],
  ])("when %s asks for %s", async (origin, derivationOrigin, expected) => {
    const { result, fetched } = ask({}, { origin, derivationOrigin });
    expect(await result).toBe(expected);
    expect(fetched).toEqual([]);
  });
});

describe("where the list is", () => {
  it.each([
    ["https://ii.example", list],
    [
      `http://${id}.localhost:4943`,
      `http://localhost:4943/.well-known/ii-alternative-origins?canisterId=${id}`,
    ],
    [
      "http://localhost:4943",
      `http://localhost:4943/.well-known/ii-alternative-origins?canisterId=${id}`,
    ],
    [
      "http://127.0.0.1:4943",
      `http://127.0.0.1:4943/.well-known/ii-alternative-origins?canisterId=${id}`,
    ],
    [
      "http://0.0.0.0:8080",
      `http://0.0.0.0:8080/.well-known/ii-alternative-origins?canisterId=${id}`,
    ],
  ])("for a provider at %s", async (provider, url) => {
    const { result, fetched } = ask(
      { ...known, [url]: { body: { alternativeOrigins: [app] } } },
      { provider: new URL(provider) },
    );
    expect(await result).toBe(main);
    expect(fetched.map((f) => f.url)).toEqual([main, url]);
    expect(fetched[0]?.init).toEqual({ method: "HEAD", credentials: "omit" });
    expect(fetched[1]?.init).toEqual({
      redirect: "error",
      credentials: "omit",
      headers: { Accept: "application/json" },
    });
  });

  it.each([
    `https://${id}.ic0.app`,
    `https://${id}.raw.icp0.io`,
    `https://${id}.internetcomputer.org`,
    `http://${id}.localhost:4943`,
  ])("without asking %s for its canister", async (derivationOrigin) => {
    const { result, fetched } = ask(
      { [list]: { body: { alternativeOrigins: [app] } } },
      { derivationOrigin },
    );
    expect(await result).toBe(remap(derivationOrigin));
    expect(fetched.map((f) => f.url)).toEqual([list]);
  });

  it("asks a host that only looks like a gateway", async () => {
    for (const derivationOrigin of [
      `https://${id}.notic0.app`,
      `https://${id}.ic0.app.evil.example`,
      "https://www.icp0.io",
    ]) {
      const { result, fetched } = ask({}, { derivationOrigin });
      await expect(result).rejects.toThrow(UnverifiedOrigin);
      expect(fetched.map((f) => f.init.method)).toEqual(["HEAD"]);
    }
  });
});

describe("apps under development", () => {
  const derivationOrigin = "http://localhost:4944";
  const own = `${derivationOrigin}/.well-known/ii-alternative-origins`;
  const origin = "http://127.0.0.1:4944";
  const web = { [own]: { body: { alternativeOrigins: [origin] } } };

  it("may have no canister, between two pages of one machine", async () => {
    for (const provider of [`http://${id}.localhost:4943`, "http://localhost:4943"]) {
      const { result, fetched } = ask(web, {
        origin,
        derivationOrigin,
        provider: new URL(provider),
      });
      expect(await result).toBe(derivationOrigin);
      expect(fetched.at(-1)?.url).toBe(own);
    }
  });

  it("must have one for any other provider, and for any other origin", async () => {
    const elsewhere = ask(web, { origin, derivationOrigin });
    await expect(elsewhere.result).rejects.toThrow("does not say which canister");
    const other = ask(
      { [`${main}/.well-known/ii-alternative-origins`]: { body: { alternativeOrigins: [app] } } },
      { provider: new URL("http://localhost:4943") },
    );
    await expect(other.result).rejects.toThrow("does not say which canister");
  });
});

describe("the list", () => {
  const eleven = Array.from({ length: 11 }, (_, i) => (i === 0 ? app : `https://${i}.example`));

  it.each([
    ["lists the app", [app], true],
    ["lists it among ten", eleven.slice(0, 10), true],
    ["lists eleven", eleven, false],
    ["is empty", [], false],
    ["lists others", ["https://other.example"], false],
    ["lists it with a slash", [`${app}/`], false],
    ["lists something else than texts", [app, 7], false],
    ["is no list", app, false],
    ["is missing", undefined, false],
  ])("that %s", async (_, alternativeOrigins, good) => {
    const { result } = ask({ ...known, [list]: { body: { alternativeOrigins } } });
    if (good) {
      expect(await result).toBe(main);
    } else {
      await expect(result).rejects.toThrow(UnverifiedOrigin);
    }
  });

  it("is compared after remapping", async () => {
    const { result } = ask(
      { ...known, [list]: { body: { alternativeOrigins: ["https://x.ic0.app"] } } },
      { origin: "https://x.icp0.io" },
    );
    expect(await result).toBe(main);
  });

  it.each([
    ["with another status", { status: 201, body: { alternativeOrigins: [app] } }],
    ["that is no JSON", { body: "alternativeOrigins" }],
    ["that is null", { body: "null" }],
  ])("does not count %s", async (_, answer) => {
    await expect(ask({ ...known, [list]: answer }).result).rejects.toThrow(UnverifiedOrigin);
  });

  it("does not count when it cannot be fetched", async () => {
    await expect(ask(known).result).rejects.toThrow("cannot be read");
    await expect(ask({ [main]: { canister: "x" } }).result).rejects.toThrow(UnverifiedOrigin);
  });
});
