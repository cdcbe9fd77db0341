import type { BrowserContext, CDPSession, Page } from "@playwright/test";

export interface Credential {
  credentialId: string;
  isResidentCredential: boolean;
  rpId?: string;
  privateKey: string;
  userHandle?: string;
  signCount: number;
}

export interface Kind {
  protocol: "ctap2" | "u2f";
  transport: "internal" | "usb";
  // Whether it can find its credentials by itself.
  hasResidentKey: boolean;
  hasUserVerification: boolean;
}

const platform: Kind = { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true };

// A key that is carried along, of today and of yesterday.
export const securityKey: Kind = { ...platform, transport: "usb", hasResidentKey: false };
export const u2fKey: Kind = { protocol: "u2f", transport: "usb", hasResidentKey: false, hasUserVerification: false };

interface Plugged {
  session: CDPSession;
  authenticatorId?: string;
}

// One authenticator that a person carries from window to window. Chromium's
// virtual authenticators belong to one page and end with it, so this copies
// the credentials into every window of the context and back.
export class Authenticator {
  private readonly credentials = new Map<string, Credential>();
  private readonly windows = new Map<Page, Promise<Plugged>>();

  // present is whether there is one at all: else WebAuthn finds nobody.
  // verifies is whether it recognises the person.
  constructor(
    credentials: Credential[] = [],
    private present = true,
    private verifies = true,
    private readonly kind: Kind = platform,
  ) {
    for (const credential of credentials) this.credentials.set(credential.credentialId, credential);
  }

  // carryTo gives every window that the context opens this authenticator.
  carryTo(context: BrowserContext): void {
    context.on("page", (page) => void this.ready(page));
  }

  // ready is done when a window has its authenticator.
  ready(page: Page): Promise<Plugged> {
    const plugged = this.windows.get(page) ?? this.plug(page.context(), page);
    this.windows.set(page, plugged);
    return plugged;
  }

  get all(): Credential[] {
    return [...this.credentials.values()];
  }

  // recognise makes the authenticator in a window know its person from now on,
  // or no longer.
  async recognise(page: Page, verifies: boolean): Promise<void> {
    const { session, authenticatorId = "" } = await this.ready(page);
    this.verifies = verifies;
    await session.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: verifies });
  }

  // unplug takes it away from a window, with all that it holds.
  async unplug(page: Page): Promise<void> {
    const { session, authenticatorId } = await this.ready(page);
    if (authenticatorId !== undefined) await session.send("WebAuthn.removeVirtualAuthenticator", { authenticatorId });
    this.windows.delete(page);
  }

  // appear is for a person who finds the authenticator while the window waits.
  async appear(page: Page): Promise<void> {
    const plugged = await this.ready(page);
    this.present = true;
    await this.add(plugged);
  }

  private async plug(context: BrowserContext, page: Page): Promise<Plugged> {
    const plugged: Plugged = { session: await context.newCDPSession(page) };
    await plugged.session.send("WebAuthn.enable");
    if (this.present) await this.add(plugged);
    return plugged;
  }

  private async add(plugged: Plugged): Promise<void> {
    const { session } = plugged;
    const { authenticatorId } = await session.send("WebAuthn.addVirtualAuthenticator", {
      options: { ...this.kind, isUserVerified: this.verifies, automaticPresenceSimulation: true },
    });
    plugged.authenticatorId = authenticatorId;
    for (const credential of this.credentials.values()) {
      // U2F keys do not tell whom they are for; here it is always the same.
      await session.send("WebAuthn.addCredential", { authenticatorId, credential: { ...credential, rpId: credential.rpId ?? "localhost" } });
    }
    const keep = ({ credential }: { credential: Credential }) => void this.credentials.set(credential.credentialId, credential);
    session.on("WebAuthn.credentialAdded", keep);
    session.on("WebAuthn.credentialAsserted", keep);
  }
}
