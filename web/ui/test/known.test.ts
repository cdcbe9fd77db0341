import { beforeEach, describe, expect, it, vi } from "vitest";
import { forgetKnown, known, rememberKnown } from "../src/flow/known";
import { seal } from "../src/ui/seal";

const store = new Map<string, string>();

beforeEach(() => {
  store.clear();
  vi.stubGlobal("localStorage", {
    getItem: (name: string) => store.get(name) ?? null,
    setItem: (name: string, value: string) => store.set(name, value),
  });
});

const identity = (number: number, name?: string) => ({
  number: String(number),
  name,
  credentialIds: [Uint8Array.of(number & 255, 250, 251)],
});

describe("known identities", () => {
  it("come back most recent first", () => {
    rememberKnown(identity(1, "Ada"));
    rememberKnown(identity(2));
    rememberKnown(identity(1, "Ada L."));
    expect(known()).toEqual([identity(1, "Ada L."), identity(2)]);
  });

  it("are few", () => {
    for (let i = 1; i <= 20; i++) {
      rememberKnown(identity(i));
    }
    expect(known().map(({ number }) => number)).toEqual([
      "20",
      "19",
      "18",
      "17",
      "16",
      "15",
      "14",
      "13",
    ]);
  });

  it("can be forgotten", () => {
    rememberKnown(identity(1));
    rememberKnown(identity(2));
    forgetKnown("2");
    expect(known()).toEqual([identity(1)]);
  });

  it.each(["", "x", "7", "{}", "[null]", '[{"number":1}]'])("survive a storage of %j", (text) => {
    store.set("ii:known-identities", text);
    expect(known()).toEqual([]);
  });

  it("do without storage", () => {
    vi.stubGlobal("localStorage", {
      getItem: () => {
        throw new Error("denied");
      },
      setItem: () => {
        throw new Error("denied");
      },
    });
    rememberKnown(identity(1));
    expect(known()).toEqual([]);
  });
});

describe("seals", () => {
  it("depend on the text and on nothing else", () => {
    expect(seal("10000 https://app.example")).toEqual(seal("10000 https://app.example"));
    const drawings = Array.from({ length: 200 }, (_, i) => seal(`10000 https://${i}.example`));
    expect(new Set(drawings.map((drawing) => JSON.stringify(drawing))).size).toBe(200);
    for (const { rings } of drawings) {
      expect(rings).toHaveLength(3);
      for (const ring of rings) {
        expect(ring).toMatch(/^(M[\d. ]+A[\d. ]+)+$/);
      }
    }
  });
});
