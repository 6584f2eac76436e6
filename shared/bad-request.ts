/** What came in through a door can't be used: every wrong field, and what is allowed. */
import * as v from "valibot";
import { check, described, type Finding, pathText } from "./check.ts";

export interface RequestProblem {
  /** `to`, `detail.state.value`; empty for the input as a whole. */
  readonly path: string;
  readonly message: string;
  /** The allowed values, where they can be listed. */
  readonly allowed?: readonly string[];
}

/** A request or event that is not what its function takes. Its message names every wrong field. */
export class BadRequest extends Error {
  readonly problems: readonly RequestProblem[];

  constructor(what: string, problems: readonly RequestProblem[]) {
    const told = problems.map(({ path, message }) => (path === "" ? message : `${path}: ${message}`));
    super(`${what}: ${told.join("; ")}`);
    this.name = "BadRequest";
    this.problems = problems;
  }
}

/** A finding as a problem of a request. */
export function requestProblem({ path, message, remedy, allowed }: Finding): RequestProblem {
  const text = `${message} — ${remedy}`;
  return { path: pathText(path), message: text, ...(allowed === undefined ? {} : { allowed }) };
}

/** `input` as the schema has it. Throws `BadRequest`, which begins with `what`, for anything else. */
export function readInput<S extends v.GenericSchema>(
  schema: S,
  input: unknown,
  what: string,
): v.InferOutput<S> {
  refuseText(input, what);
  const findings = check(schema, input);
  if (findings.length > 0) throw new BadRequest(what, findings.map(requestProblem));
  return v.parse(schema, input);
}

/** Says plainly that a string came where a map must be: a slip of quoting on the command line. */
export function refuseText(input: unknown, what: string): void {
  if (typeof input !== "string") return;
  const message = isJson(input)
    ? 'the input is a string that holds JSON, not the JSON itself — quote it once only: -d \'{"group": "nat-a"}\''
    : `the input is the text ${described(input)}, not JSON — write for example -d '{"group": "nat-a"}'`;
  throw new BadRequest(what, [{ path: "", message }]);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
