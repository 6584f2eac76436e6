/** Client tokens: the same request with the same token makes nothing twice. */
import { AwsError } from "../aws-error.ts";
import type { Region } from "./region.ts";

/**
 * Runs `make` unless this token has been used for the same request before; answers the ids it made, then or now.
 * Throws IdempotentParameterMismatch when the token was used for another request.
 */
export function once(
  region: Region,
  operation: string,
  input: { readonly ClientToken?: string | undefined },
  make: () => readonly string[],
): readonly string[] {
  const { ClientToken: token } = input;
  if (token === undefined || token === "") return make();
  const key = `${operation} ${token}`;
  const request = JSON.stringify(input);
  const used = region.tokens.get(key);
  if (used === undefined) {
    const made = make();
    region.tokens.set(key, { request, made });
    return made;
  }
  if (used.request !== request) {
    throw new AwsError(
      "IdempotentParameterMismatch",
      "The request uses the same client token as a previous, but non-identical request.",
    );
  }
  return used.made;
}

/** Whether the token has been used: then the state of the world must not make the repeated request fail. */
export function isRepeated(region: Region, operation: string, token: string | undefined): boolean {
  return token !== undefined && region.tokens.has(`${operation} ${token}`);
}
