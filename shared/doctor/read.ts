/** A read whose failure is an answer: nothing that the doctor can't read is silent. */
import type { NotRead } from "../core/examined.ts";
import { caughtFailure, failureOf, inShort } from "../errors.ts";

/** What a read answers, or why it does not. Throws only what is our own bug. */
export async function readOr<T>(read: () => Promise<T | NotRead>): Promise<T | NotRead> {
  try {
    return await read();
  } catch (caught) {
    return { unread: inShort(caughtFailure(failureOf(caught, "read"))) };
  }
}
