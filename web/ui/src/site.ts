// The addresses beside the sign-in window, and how a person goes from one to
// another: without a load, so that a session, which lives in this page alone,
// is kept.

import type { Component } from "svelte";
import type { Connection } from "./flow/connection";
import type { Visitor } from "./flow/visitor.svelte";

// What every screen is given.
export interface Place {
  backend: Connection;
  visitor: Visitor;
  // The path of the address, "/manage/access".
  path: string;
  // To another screen.
  go: (path: string) => void;
}

type Screen = () => Promise<{ default: Component<Place> }>;

// By the first segment of the path; each is loaded when it is asked for. The
// server has the same list (web.go).
const screens: Record<string, Screen> = {
  "": () => import("./ui/Landing.svelte"),
  manage: () => import("./ui/manage/Manage.svelte"),
  recovery: () => import("./ui/recovery/Recover.svelte"),
  upgrade: () => import("./ui/recovery/Upgrade.svelte"),
  pair: () => import("./ui/pairing/NewDevice.svelte"),
  activate: () => import("./ui/pairing/Activate.svelte"),
};

export function screenOf(path: string): Screen | undefined {
  return screens[segment(path)];
}

export function segment(path: string): string {
  return path.split("/")[1] ?? "";
}
