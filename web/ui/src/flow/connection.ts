// The way to the backend: loaded at once, and again if that failed.

import type { Backend } from "../backend";

export type Connection = () => Promise<Backend>;

export function connection(connect: () => Promise<Backend>): Connection {
  let current: Promise<Backend> | undefined;
  return () => {
    current ??= connect().catch((error: unknown) => {
      current = undefined;
      throw error;
    });
    return current;
  };
}
