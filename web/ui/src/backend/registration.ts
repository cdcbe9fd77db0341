// One registration, from the passkey to the identity.

import type { ActorSubclass } from "@icp-sdk/core/agent";
import { owned } from "../bytes";
import { RegistrationRefused } from "./errors";
import type { Session, SessionKey } from "./session";
import type { AuthnMethodData, FinishError, Next, Service } from "./types";

export type RegistrationStep = { captcha: string; wrong: boolean } | { session: Session };

// Finishing may reveal that a captcha is wanted after all, or that the flow ran
// out while the person was looking at it.
const maxRestarts = 3;

// One registration: the passkey exists, the identity does not yet.
export class Registration {
  readonly #actor: ActorSubclass<Service>;
  readonly #key: SessionKey;
  readonly #name: string;
  readonly #method: AuthnMethodData;
  #started = false;

  constructor(
    actor: ActorSubclass<Service>,
    key: SessionKey,
    name: string,
    method: AuthnMethodData,
  ) {
    this.#actor = actor;
    this.#key = key;
    this.#name = name;
    this.#method = method;
  }

  // Goes as far as it can: to the identity, or to a captcha.
  async proceed(): Promise<RegistrationStep> {
    if (this.#started) {
      return this.#finish(maxRestarts);
    }
    return this.#start(maxRestarts);
  }

  async solve(solution: string): Promise<RegistrationStep> {
    const answer = await this.#actor.check_captcha({ solution });
    if ("Ok" in answer) {
      return this.#step(answer.Ok, maxRestarts);
    }
    if ("WrongSolution" in answer.Err) {
      return { captcha: answer.Err.WrongSolution.new_captcha_png_base64, wrong: true };
    }
    if ("UnexpectedCall" in answer.Err) {
      return this.#step(answer.Err.UnexpectedCall, maxRestarts);
    }
    return this.#start(maxRestarts);
  }

  async #start(restarts: number): Promise<RegistrationStep> {
    const answer = await this.#actor.identity_registration_start();
    if ("Ok" in answer) {
      this.#started = true;
      return this.#step(answer.Ok, restarts);
    }
    if ("AlreadyInProgress" in answer.Err) {
      this.#started = true;
      return this.#finish(restarts);
    }
    throw new RegistrationRefused("RateLimitExceeded" in answer.Err ? "busy" : "invalid");
  }

  #step({ next_step }: Next, restarts: number): Promise<RegistrationStep> {
    return "CheckCaptcha" in next_step
      ? Promise.resolve({ captcha: next_step.CheckCaptcha.captcha_png_base64, wrong: false })
      : this.#finish(restarts);
  }

  async #finish(restarts: number): Promise<RegistrationStep> {
    const answer = await this.#actor.identity_registration_finish({
      authn_method: this.#method,
      name: [this.#name],
    });
    if ("Ok" in answer) {
      const { authn_method } = this.#method;
      const { pubkey } = "WebAuthn" in authn_method ? authn_method.WebAuthn : authn_method.PubKey;
      const number = answer.Ok.identity_number;
      return { session: this.#key.registered(number, owned(pubkey), Date.now()) };
    }
    return this.#refused(answer.Err, restarts);
  }

  #refused(error: FinishError, restarts: number): Promise<RegistrationStep> {
    if (restarts === 0) {
      throw new RegistrationRefused("expired");
    }
    if ("NoRegistrationFlow" in error) {
      return this.#start(restarts - 1);
    }
    if ("UnexpectedCall" in error) {
      return this.#step(error.UnexpectedCall, restarts - 1);
    }
    if ("IdentityLimitReached" in error) {
      throw new RegistrationRefused("full");
    }
    throw new RegistrationRefused(
      "invalid",
      "InvalidAuthnMethod" in error ? error.InvalidAuthnMethod : error.StorageError,
    );
  }
}
