// One sign-in for an app, from the request to the answer. This is the single
// place that decides which screen comes next.

import { describe, UnknownPasskey } from "../backend/errors";
import { PasskeyError } from "../crypto/passkey";
import { type Ask, type Channel, isRefusal } from "../protocol/channel";
import { UnverifiedOrigin } from "../protocol/origins";
import { Code, type DelegationRequest, type Refusal } from "../protocol/request";
import { t } from "../strings";
import type { Connection } from "./connection";
import { hintFor } from "./hints";
import { SignIn } from "./sign-in.svelte";
import { OtherIdentity, Visitor } from "./visitor.svelte";

export interface Problem {
  title: string;
  text: string;
  // For whoever builds the app.
  detail?: string;
  // What the app is told when the person returns to it. Not earlier: an answer
  // can close this window.
  refusal: Refusal;
  retry?: () => void;
}

export type Screen =
  | { name: "waiting"; text: string }
  | { name: "signIn" }
  | { name: "continue" }
  | { name: "done" }
  | { name: "problem"; problem: Problem };

// Milliseconds. An app that has not spoken by then does not know of us.
const connectTimeout = 10_000;

// Milliseconds between looks at whether the app's window is still there.
const closedInterval = 1000;

// Milliseconds between the last click and an answer, so that a window that is
// closed by the answer is not closed under the finger.
const clickPause = 60;

export class Authorize {
  readonly #channel: Channel;
  readonly #backend: Connection;
  readonly #opener: Window | null;
  #ask: Ask | undefined;
  // The origin the identity is for, once it is verified.
  #origin = "";
  #lastClick = 0;

  readonly visitor: Visitor;
  readonly signIn: SignIn;
  screen = $state.raw<Screen>({ name: "waiting", text: t.waiting.text });
  // The app, as the person knows it: a host name.
  app = $state("");
  busy = $state(false);
  hint = $state("");

  constructor(channel: Channel, backend: Connection, opener: Window | null) {
    this.#channel = channel;
    this.#backend = backend;
    this.#opener = opener;
    this.visitor = new Visitor(backend);
    this.signIn = new SignIn(backend, this.visitor, "picker", () => this.#next());
  }

  get origin(): string {
    return this.#origin;
  }

  get hasApp(): boolean {
    return this.#opener !== null;
  }

  start(): void {
    addEventListener(
      "click",
      () => {
        this.#lastClick = performance.now();
      },
      true,
    );
    const query = new URLSearchParams(location.search);
    if (query.has("openid") && query.has("sso")) {
      this.#problem(t.problems.invalid.title, t.problems.invalid.address, Code.InvalidRequest);
      return;
    }
    if (this.#opener === null) {
      this.#problem(t.problems.unable.title, t.problems.unable.alone, Code.Generic);
      return;
    }
    this.#channel.onChange(() => this.#changed());
    this.#changed();
    setTimeout(() => {
      if (this.#channel.origin === undefined) {
        this.#problem(t.problems.unable.title, t.problems.unable.text, Code.Generic);
      }
    }, connectTimeout);
    const watch = setInterval(() => {
      if (this.#opener?.closed && this.screen.name !== "done") {
        clearInterval(watch);
        this.#problem(t.problems.closed.title, t.problems.closed.text, Code.Aborted);
      }
    }, closedInterval);
  }

  // "Continue": the passkey if need be, the delegation, the answer.
  async proceed(): Promise<void> {
    const ask = this.#ask;
    if (this.busy || ask === undefined || isRefusal(ask.request)) {
      return;
    }
    this.busy = true;
    this.hint = "";
    try {
      const session = await this.visitor.session();
      const result = await (await this.#backend()).delegate(session, this.#origin, ask.request);
      await this.#afterClick();
      // While the person was busy the app may have replaced its request.
      if (this.#channel.current === ask) {
        this.screen = { name: "done" };
        this.#channel.succeed(result);
      }
    } catch (error) {
      this.#failed(error);
    } finally {
      this.busy = false;
    }
  }

  another(): void {
    this.signIn.restart();
    this.screen = { name: "signIn" };
  }

  async returnToApp(): Promise<void> {
    if (this.screen.name === "problem" && this.#ask !== undefined) {
      await this.#afterClick();
      this.#channel.fail(this.screen.problem.refusal);
    }
    window.close();
  }

  #changed(): void {
    const { current, origin } = this.#channel;
    if (origin !== undefined) {
      this.app = new URL(origin).host;
    }
    if (current === this.#ask && this.screen.name !== "problem") {
      return;
    }
    this.#ask = current;
    if (current === undefined) {
      if (this.screen.name !== "done") {
        this.screen = { name: "waiting", text: t.waiting.text };
      }
    } else if (isRefusal(current.request)) {
      this.#problem(
        t.problems.invalid.title,
        t.problems.invalid.text(this.app),
        current.request.code,
        current.request.message,
      );
    } else {
      void this.#verify(current, current.request);
    }
  }

  async #verify(ask: Ask, request: DelegationRequest): Promise<void> {
    this.screen = { name: "waiting", text: t.waiting.verifying(this.app) };
    try {
      const backend = await this.#backend();
      const origin = await backend.effectiveOrigin(ask.origin, request.derivationOrigin);
      if (this.#ask === ask) {
        this.#origin = origin;
        this.#next();
      }
    } catch (error) {
      if (this.#ask !== ask) {
        return;
      }
      if (error instanceof UnverifiedOrigin) {
        const other = hostOf(request.derivationOrigin ?? ask.origin);
        this.#problem(
          t.problems.unverified.title,
          t.problems.unverified.text(this.app, other),
          Code.InvalidParams,
          error.message,
        );
      } else {
        this.#failed(error);
      }
    }
  }

  #next(): void {
    this.hint = "";
    if (this.visitor.current === undefined) {
      this.signIn.restart();
      this.screen = { name: "signIn" };
    } else {
      this.screen = { name: "continue" };
    }
  }

  #failed(error: unknown): void {
    if (error instanceof PasskeyError) {
      this.hint = t.hints[error.reason];
      return;
    }
    if (error instanceof OtherIdentity) {
      this.hint = t.hints.other(this.visitor.name);
      return;
    }
    if (error instanceof UnknownPasskey) {
      // This browser remembers an identity that the service does not have.
      this.visitor.forget(this.visitor.current?.number ?? "");
      this.signIn.restart(hintFor(error));
      this.screen = { name: "signIn" };
      return;
    }
    this.visitor.endSession();
    this.#problem(
      t.problems.failed.title,
      t.problems.failed.text,
      Code.Generic,
      describe(error),
      () => this.#next(),
    );
  }

  #problem(title: string, text: string, code: number, detail?: string, retry?: () => void): void {
    this.screen = {
      name: "problem",
      problem: {
        title,
        text,
        refusal: { code, message: detail === undefined ? title : `${title}: ${detail}` },
        ...(detail === undefined ? {} : { detail }),
        ...(retry === undefined ? {} : { retry }),
      },
    };
  }

  #afterClick(): Promise<void> {
    const rest = this.#lastClick + clickPause - performance.now();
    return new Promise((resolve) => setTimeout(resolve, Math.max(0, rest)));
  }
}

function hostOf(origin: string): string {
  return new URL(origin).host;
}
