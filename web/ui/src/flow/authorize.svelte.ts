// One sign-in for an app, from the request to the answer. This is the single
// place that decides which screen comes next.

import type { Account, Backend, Session } from "../backend";
import { AccountRefused, describe, UnknownPasskey } from "../backend/errors";
import { PasskeyError } from "../crypto/passkey";
import { type Ask, type Channel, isRefusal } from "../protocol/channel";
import { ownOrigin, UnverifiedOrigin } from "../protocol/origins";
import { Code, type DelegationRequest, type Refusal } from "../protocol/request";
import { t } from "../strings";
import { Accounts, type Draft } from "./accounts.svelte";
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

// What the app is told if a person leaves who cannot go on.
const unavailable: Refusal = { code: Code.Generic, message: t.picker.unavailable };
const left: Refusal = { code: Code.Aborted, message: "The person returned to the app." };

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
  // The origin the identity is for; undefined until it is verified.
  #origin: string | undefined;
  // Whether the screen says that no app has spoken.
  #unheard = false;
  #leaving = false;
  #lastClick = 0;

  readonly visitor: Visitor;
  readonly signIn: SignIn;
  readonly accounts: Accounts;
  screen = $state.raw<Screen>({ name: "waiting", text: t.waiting.text });
  // The app, as the person knows it: a host name.
  app = $state("");
  // Another app whose identity this one asks for, and may; empty if none.
  shared = $state("");
  busy = $state(false);
  // The account that is being continued with, if one was chosen.
  chosen = $state.raw<Account | undefined>();
  // Whether what is being waited for is the choice among accounts.
  choosing = $state(false);
  hint = $state("");

  constructor(channel: Channel, backend: Connection, opener: Window | null) {
    this.#channel = channel;
    this.#backend = backend;
    this.#opener = opener;
    this.visitor = new Visitor(backend);
    this.accounts = new Accounts(this.visitor);
    this.signIn = new SignIn(backend, this.visitor, "picker", (straight) => {
      this.#next();
      if (straight) {
        void this.proceed();
      }
    });
  }

  get origin(): string {
    return this.#origin ?? "";
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
        this.#unheard = true;
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

  // "Continue": the passkey if need be, the delegation, the answer. Whoever wants
  // to choose an account is asked first, everybody else is the default one.
  async proceed(account?: Account): Promise<void> {
    if (this.busy) {
      return;
    }
    this.chosen = account;
    await this.#act(async (backend, session, { ask, origin, request }) => {
      if (account === undefined && this.accounts.wanted) {
        await this.accounts.load(backend, session, origin);
        return;
      }
      const number =
        account === undefined ? await backend.defaultAccount(session, origin) : account.number;
      const result = await backend.delegate(session, origin, request, number);
      await this.#afterClick();
      // While the person was busy the app may have replaced its request, or
      // gone.
      if (this.#channel.current === ask && !this.#opener?.closed) {
        this.screen = { name: "done" };
        this.#channel.succeed(result);
      }
    });
    this.chosen = undefined;
  }

  // Whether to choose among accounts. Their names are the identity's alone, so
  // to show them takes a passkey.
  async choose(wanted: boolean): Promise<void> {
    if (this.busy) {
      return;
    }
    if (!wanted) {
      this.accounts.want(false);
      return;
    }
    this.choosing = true;
    await this.#act(async (backend, session, { origin }) => {
      await this.accounts.load(backend, session, origin);
      this.accounts.want(true);
    });
    this.choosing = false;
  }

  // What the person typed about an account. Returns the account, or what is
  // wrong, for the person to mend.
  async saveAccount(draft: Draft): Promise<{ saved: Account } | { refused: string }> {
    const origin = this.#origin;
    if (origin === undefined) {
      return { refused: t.hints.expired };
    }
    try {
      const session = await this.visitor.session();
      const backend = await this.#backend();
      const { saved, standard } = await this.accounts.save(backend, session, origin, draft);
      this.hint = standard ? "" : t.accounts.notStandard;
      return { saved };
    } catch (error) {
      return {
        refused: error instanceof AccountRefused ? t.accounts[error.reason] : hintFor(error),
      };
    }
  }

  async #act(
    work: (
      backend: Backend,
      session: Session,
      asked: { ask: Ask; origin: string; request: DelegationRequest },
    ) => Promise<void>,
  ): Promise<void> {
    const ask = this.#ask;
    const origin = this.#origin;
    if (this.busy || ask === undefined || isRefusal(ask.request) || origin === undefined) {
      return;
    }
    const { request } = ask;
    this.busy = true;
    this.hint = "";
    try {
      const session = await this.visitor.session();
      await work(await this.#backend(), session, { ask, origin, request });
    } catch (error) {
      if (this.#ask === ask) {
        this.#failed(error, () => this.#next());
      }
    } finally {
      this.busy = false;
    }
  }

  another(): void {
    this.signIn.restart("", () => this.#next());
    this.screen = { name: "signIn" };
  }

  // For tests alone: somebody else, made in one step.
  createForTest(): Promise<void> {
    this.another();
    return this.signIn.quickly();
  }

  // Answers everything that was asked, and leaves.
  async returnToApp(): Promise<void> {
    await this.#afterClick();
    this.#leaving = true;
    let refusal = this.screen.name === "problem" ? this.screen.problem.refusal : unavailable;
    while (this.#channel.current !== undefined) {
      this.#channel.fail(refusal);
      const next = this.#channel.current?.request;
      refusal = next !== undefined && isRefusal(next) ? next : left;
    }
    window.close();
  }

  #changed(): void {
    const { current, origin } = this.#channel;
    if (origin !== undefined) {
      this.app = new URL(origin).host;
    }
    const heard = this.#unheard && origin !== undefined;
    if (this.#leaving || (current === this.#ask && !heard)) {
      return;
    }
    this.#unheard = false;
    this.#ask = current;
    this.#origin = undefined;
    if (current === undefined) {
      if (heard) {
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
    // Most often there is nothing to check, so the person need not wait for what
    // would check it.
    const own = ownOrigin(ask.origin, request.derivationOrigin);
    if (own !== undefined) {
      this.#verified(ask.origin, request.derivationOrigin ?? ask.origin, own);
      return;
    }
    this.screen = { name: "waiting", text: t.waiting.verifying(this.app) };
    try {
      const backend = await this.#backend();
      const origin = await backend.effectiveOrigin(ask.origin, request.derivationOrigin);
      if (this.#ask === ask) {
        this.#verified(ask.origin, request.derivationOrigin ?? ask.origin, origin);
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
        // Again from the beginning: nothing goes on with an origin that has
        // not been verified.
        this.#failed(error, () => void this.#verify(ask, request));
      }
    }
  }

  #verified(asking: string, derivation: string, origin: string): void {
    this.#origin = origin;
    this.shared = derivation === asking ? "" : hostOf(derivation);
    this.#next();
  }

  #next(): void {
    this.hint = "";
    this.screen = this.visitor.current === undefined ? { name: "signIn" } : { name: "continue" };
  }

  #failed(error: unknown, retry: () => void): void {
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
      describe(error) || undefined,
      retry,
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
