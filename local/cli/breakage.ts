/** `break …` on the command line, as the breakage or fault that it asks for. */
import { parseArgs } from "node:util";
import type { Breakage } from "../ec2/ec2.ts";
import type { Fault } from "../wire/faults.ts";
import { UsageError } from "./usage.ts";

/** What JSON has for "for ever". */
const FOR_EVER_MS = 1e12;

const CHECKS = ["system", "instance", "ebs", "application"] as const;
const EVENT_CODES = [
  "instance-stop",
  "instance-retirement",
  "instance-reboot",
  "system-reboot",
  "system-maintenance",
] as const;
const CHANGES = ["hang", "heal", "stop", "start", "terminate", "auto-recover", "clear-events"] as const;
const OTHERS = [
  "impair",
  "lose-check",
  "stick-detach",
  "unstick-detach",
  "refuse-attach",
  "slow-attach",
  "schedule-event",
  "remove",
] as const;
const EFFECTS = ["throttle", "error", "lose-answer", "delay"] as const;
/** People say the service's name, the wire its signing name. */
const SIGNING_NAMES: Readonly<Record<string, string>> = { cloudwatch: "monitoring", eventbridge: "events" };

export const BREAK_HELP = `  break hang|heal|stop|start|terminate|auto-recover <instance>
  break impair|lose-check <instance> [${CHECKS.join("|")}]
  break stick-detach <interface> [--seconds n] [--times n] [--even-forced]
  break unstick-detach <interface>
  break refuse-attach <instance> [--code InvalidParameterValue] [--times n]
  break slow-attach <instance> [--seconds n] [--times n]
  break schedule-event <instance> [${EVENT_CODES.join("|")}] [--seconds n]
  break clear-events <instance>
  break remove <instance or interface>
  break ${EFFECTS.join("|")} <ec2|cloudwatch|dynamodb|…> [--operation name] [--code …] [--seconds n] [--times n]`;

/** What `break` with these words asks for. `now` is epoch milliseconds. Throws UsageError. */
export function breakageOf(words: readonly string[], now: number): Breakage | Fault {
  const { subject, detail, values, ...parsed } = parse(words);
  const kind = oneOf("breakage", parsed.kind, [...CHANGES, ...OTHERS, ...EFFECTS]);
  const seconds = positive("seconds", values.seconds);
  const count = positive("times", values.times);
  const times = count === undefined ? {} : { times: count };
  const milliseconds = seconds === undefined ? {} : { milliseconds: seconds * 1000 };
  switch (kind) {
    case "hang":
    case "heal":
    case "stop":
    case "start":
    case "terminate":
    case "auto-recover":
    case "clear-events":
      return { kind, instance: subject };
    case "impair":
    case "lose-check":
      return { kind, instance: subject, check: oneOf("check", detail ?? "instance", CHECKS) };
    case "stick-detach":
      return {
        kind,
        interface: subject,
        ...milliseconds,
        ...times,
        evenForced: values["even-forced"] === true,
      };
    case "unstick-detach":
      return { kind, interface: subject };
    case "refuse-attach":
      return { kind, instance: subject, code: values.code ?? "InvalidParameterValue", ...times };
    case "slow-attach":
      return { kind, instance: subject, milliseconds: FOR_EVER_MS, ...milliseconds, ...times };
    case "schedule-event": {
      const code = oneOf("event", detail ?? "instance-stop", EVENT_CODES);
      return { kind, instance: subject, code, notBefore: now + (seconds ?? 600) * 1000 };
    }
    case "remove":
      return { kind, id: subject };
    default:
      return faultOf(kind, subject, values, { ...times, seconds });
  }
}

function faultOf(
  effect: Fault["effect"],
  service: string,
  { operation, code }: { operation?: string | undefined; code?: string | undefined },
  { seconds, ...times }: { seconds: number | undefined; times?: number },
): Fault {
  return {
    effect,
    match: {
      service: SIGNING_NAMES[service] ?? service,
      ...(operation === undefined ? {} : { operation }),
    },
    ...(code === undefined ? {} : { code }),
    ...(seconds === undefined ? {} : { ms: seconds * 1000 }),
    ...times,
  };
}

function parse(words: readonly string[]) {
  try {
    const { positionals, values } = parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        seconds: { type: "string" },
        times: { type: "string" },
        code: { type: "string" },
        operation: { type: "string" },
        "even-forced": { type: "boolean" },
      },
    });
    const [kind = "", subject, detail, ...rest] = positionals;
    if (subject === undefined) throw new UsageError(`break ${kind} needs to know what: an id, or a service`);
    if (rest.length > 0) throw new UsageError(`break ${kind} does not take "${rest.join(" ")}"`);
    return { kind, subject, detail, values };
  } catch (error) {
    throw error instanceof UsageError
      ? error
      : new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function positive(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (value > 0) return value;
  throw new UsageError(`--${name} is a number over 0, not "${text}"`);
}

function oneOf<T extends string>(what: string, word: string, allowed: readonly T[]): T {
  const found = allowed.find((one) => one === word);
  if (found !== undefined) return found;
  throw new UsageError(`there is no ${what} "${word}"; there is ${allowed.join(", ")}`);
}
