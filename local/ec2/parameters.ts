/** What every operation checks of its parameters. */
import { AwsError } from "../aws-error.ts";
import { checkId, type IdKind } from "./ids.ts";

/** Throws MissingParameter; `name` as EC2 writes it in the message, lower camel. */
export function required<T>(value: T | undefined | null, name: string): T {
  if (value === undefined || value === null || value === "") {
    throw new AwsError("MissingParameter", `The request must contain the parameter ${name}`);
  }
  return value;
}

/** A given, well-formed id. */
export function requiredId(kind: IdKind, value: string | undefined, name: string): string {
  return checkId(kind, required(value, name));
}

/** At least one well-formed id, each once. */
export function requiredIds(kind: IdKind, values: readonly string[] | undefined, name: string): string[] {
  const ids = [...new Set(required(values, name))];
  if (ids.length === 0) required(undefined, name);
  for (const id of ids) checkId(kind, id);
  return ids;
}

/** Throws InvalidParameterValue for anything but a whole number that is not negative. */
export function wholeNumber(value: number, name: string): number {
  if (!Number.isInteger(value) || value < 0) {
    throw new AwsError("InvalidParameterValue", `Value (${value}) for parameter ${name} is invalid.`);
  }
  return value;
}

/** To be called when all checks are done and nothing has changed: a dry run ends here, with the error 412. */
export function endDryRun(input: { readonly DryRun?: boolean | undefined }): void {
  if (input.DryRun === true) {
    throw new AwsError("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412);
  }
}

export function combination(message: string): AwsError {
  return new AwsError("InvalidParameterCombination", message);
}
