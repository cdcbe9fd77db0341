// The channel to the app that opened this window.
//
// Both protocols listen from the first moment and the first valid message
// decides: from then on only that window and that origin are heard, and every
// answer goes to that origin and nowhere else. What needs a person waits in a
// queue, one request at a time.

import * as jsonrpc from "./jsonrpc";
import * as legacy from "./legacy";
import {
  Code,
  type DelegationRequest,
  type DelegationResult,
  InvalidRequest,
  isOrigin,
  type Refusal,
} from "./request";
import { forget, recall, remember } from "./unanswered";

// Where an answer goes: a JSON-RPC request by its id, or the one legacy request.
export type Address = { protocol: "legacy" } | { protocol: "icrc"; id: jsonrpc.Id };

export interface Ask {
  address: Address;
  // The origin that asked.
  origin: string;
  // What it asked for, or why that cannot be granted.
  request: DelegationRequest | Refusal;
}

export function isRefusal(request: DelegationRequest | Refusal): request is Refusal {
  return "code" in request;
}

// What the channel needs of the browser.
export interface Surroundings {
  opener: Opener | null;
  ownOrigin: string;
  storage: Pick<Storage, "getItem" | "setItem" | "removeItem">;
  // Whether this page replaced itself, so that the app does not know of it.
  reloaded: boolean;
  now(): number;
}

export interface Opener {
  postMessage(message: unknown, targetOrigin: string): void;
}

// Requests that may wait for the person at once. An app has one, or a few if it
// has several keys; what is more than that is not meant for a person.
const maxWaiting = 16;

export class Channel {
  readonly #at: Surroundings;
  #origin: string | undefined;
  #queue: Ask[] = [];
  #listener: () => void = () => {};

  constructor(surroundings: Surroundings) {
    this.#at = surroundings;
  }

  // The origin this channel is locked to.
  get origin(): string | undefined {
    return this.#origin;
  }

  // The request to put before the person.
  get current(): Ask | undefined {
    return this.#queue[0];
  }

  // Told whenever `origin` or `current` may have changed.
  onChange(listener: () => void): void {
    this.#listener = listener;
  }

  // To be called as soon as messages are received: legacy apps send their
  // request when they hear that somebody listens.
  open(): void {
    const { opener, reloaded } = this.#at;
    if (opener === null) {
      return;
    }
    if (reloaded) {
      this.#resume();
    } else {
      forget(this.#at.storage);
    }
    this.announce();
  }

  // Says that somebody listens. To anyone, because nobody has spoken yet.
  announce(): void {
    this.#at.opener?.postMessage(legacy.ready, "*");
  }

  receive(event: { data: unknown; origin: string; source: unknown }): void {
    const { opener, ownOrigin } = this.#at;
    const expected =
      opener !== null &&
      event.source === opener &&
      event.origin !== ownOrigin &&
      isOrigin(event.origin) &&
      (this.#origin === undefined || this.#origin === event.origin);
    if (!expected) {
      return;
    }
    if (legacy.isAuthorize(event.data)) {
      const { data } = event;
      this.#lock(event.origin);
      this.#ask({ protocol: "legacy" }, () => legacy.parse(data));
      return;
    }
    const call = jsonrpc.parse(event.data);
    if (call === undefined) {
      return;
    }
    this.#lock(event.origin);
    const answer = jsonrpc.answer(call);
    if (answer !== undefined) {
      this.#post(answer);
    } else {
      this.#ask({ protocol: "icrc", id: call.id }, () => jsonrpc.parseDelegation(call));
    }
  }

  // Answers the current request.
  succeed(result: DelegationResult): void {
    this.#answer(result);
  }

  fail(refusal: Refusal): void {
    this.#answer(refusal);
  }

  #lock(origin: string): void {
    if (this.#origin === undefined) {
      this.#origin = origin;
      this.#listener();
    }
  }

  #ask(address: Address, parse: () => DelegationRequest): void {
    const origin = this.#origin;
    if (origin === undefined) {
      return;
    }
    let request: DelegationRequest | Refusal;
    try {
      request = parse();
    } catch (error) {
      if (!(error instanceof InvalidRequest)) {
        throw error;
      }
      request = { code: Code.InvalidParams, message: error.message };
    }
    // A legacy app that hears a second "ready" asks again, with a new key; a
    // JSON-RPC id is asked once.
    const same = this.#queue.findIndex((ask) => sameAddress(ask.address, address));
    if (same >= 0) {
      this.#queue[same] = { address, origin, request };
    } else if (this.#queue.length < maxWaiting) {
      this.#queue.push({ address, origin, request });
    } else {
      this.#reply(address, { code: Code.Generic, message: "Too many requests are waiting." });
      return;
    }
    this.#changed();
  }

  #answer(answer: DelegationResult | Refusal): void {
    const ask = this.#queue.shift();
    if (ask !== undefined) {
      this.#reply(ask.address, answer);
      this.#changed();
    }
  }

  #reply(address: Address, answer: DelegationResult | Refusal): void {
    const refused = "code" in answer;
    if (address.protocol === "legacy") {
      this.#post(refused ? legacy.failure(answer) : legacy.success(answer));
    } else {
      const { id } = address;
      this.#post(refused ? jsonrpc.failure(id, answer) : jsonrpc.delegationResult(id, answer));
    }
  }

  // The app never repeats a JSON-RPC request, so a page that is reloaded takes
  // up the unanswered ones.
  #resume(): void {
    const asks = recall(this.#at.storage, this.#at.now());
    if (asks[0] === undefined) {
      return;
    }
    this.#origin = asks[0].origin;
    this.#queue = asks;
    // No app waits for this id, but the message wakes a suspended tab.
    this.#post(jsonrpc.result("wake-up-client", "ready"));
    this.#listener();
  }

  #changed(): void {
    remember(this.#at.storage, this.#queue, this.#at.now());
    this.#listener();
  }

  #post(message: object): void {
    if (this.#origin !== undefined) {
      this.#at.opener?.postMessage(message, this.#origin);
    }
  }
}

function sameAddress(a: Address, b: Address): boolean {
  return a.protocol === "icrc" && b.protocol === "icrc" ? a.id === b.id : a.protocol === b.protocol;
}
