import type { BrowserContext, CDPSession, Page } from "@playwright/test";

interface Credential {
  credentialId: string;
  isResidentCredential: boolean;
  rpId?: string;
  privateKey: string;
  userHandle?: string;
  signCount: number;
}

// One authenticator that a person carries from window to window. Chromium's
// virtual authenticators belong to one page and end with it, so this copies
// the credentials into every window of the context and back.
export class Authenticator {
  private readonly credentials = new Map<string, Credential>();
  private readonly attached = new Set<Promise<void>>();

  private constructor(private readonly present: boolean) {}

  // attach gives every window that the context opens this authenticator, or
  // none at all: then WebAuthn is there and finds nobody.
  static async attach(context: BrowserContext, options: { present: boolean } = { present: true }): Promise<Authenticator> {
    const authenticator = new Authenticator(options.present);
    authenticator.carryTo(context);
    return authenticator;
  }

  // carryTo takes the same authenticator to another browser.
  carryTo(context: BrowserContext): void {
    context.on("page", (page) => this.attached.add(this.plug(context, page)));
  }

  // ready is done when every window has its authenticator.
  async ready(): Promise<void> {
    await Promise.all(this.attached);
  }

  get size(): number {
    return this.credentials.size;
  }

  private async plug(context: BrowserContext, page: Page): Promise<void> {
    const session = await context.newCDPSession(page);
    await session.send("WebAuthn.enable");
    if (!this.present) return;
    const { authenticatorId } = await session.send("WebAuthn.addVirtualAuthenticator", {
      options: {
        protocol: "ctap2",
        transport: "internal",
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    for (const credential of this.credentials.values()) {
      await session.send("WebAuthn.addCredential", { authenticatorId, credential });
    }
    this.follow(session);
  }

  private follow(session: CDPSession): void {
    session.on("WebAuthn.credentialAdded", ({ credential }) => this.credentials.set(credential.credentialId, credential));
    session.on("WebAuthn.credentialAsserted", ({ credential }) => this.credentials.set(credential.credentialId, credential));
  }
}
