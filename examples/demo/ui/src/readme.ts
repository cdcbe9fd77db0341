// What the README shows, kept here so that it is checked like all else.
import { AuthClient } from "@icp-sdk/auth/client";

const client = new AuthClient({ identityProvider: "http://localhost:4943/authorize" });
const identity = await client.signIn({ maxTimeToLive: 8n * 3_600_000_000_000n });

export { identity };
