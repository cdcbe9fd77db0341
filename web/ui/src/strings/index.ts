// Every text of a sign-in and of the start page, in the language of the page.
// The other screens have theirs beside this file and load them when they are
// loaded themselves.

import { pick } from "../language";
import { de } from "./de";
import { en } from "./en";

export const t = pick({ en, de });
