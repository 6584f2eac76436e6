/** The policy of a group: its own keys, below them the defaults of the file, below them what stands here. */
import * as v from "valibot";
import { must } from "../check.ts";
import { AFTER_GRACE_SECONDS } from "../core/limits.ts";
import type { Fence, Policy } from "../core/model.ts";
import { MAX_BUDGET_MOVES } from "../core/past.ts";
import { DAY_SECONDS, SecurityGroupId, whole } from "./values.ts";

/** The time limit of every function, which the deployment sets. */
const FUNCTION_LIMIT_SECONDS = 300;
const MAX_GRACE_SECONDS = FUNCTION_LIMIT_SECONDS - AFTER_GRACE_SECONDS;
/** A cooldown that is over before the next sweep would hold nothing back. */
const SWEEP_SECONDS = 60;

const FenceSource = v.pipe(
  v.union([v.picklist(["none", "stop"]), v.strictObject({ isolate: SecurityGroupId })]),
  must("none, stop, or isolate with the id of a security group", {
    example: { isolate: "sg-0123456789abcdef0" },
  }),
);

export const PolicySource = v.pipe(
  v.strictObject({
    mode: v.exactOptional(
      v.pipe(
        v.picklist(["act", "observe"]),
        v.description("observe: decide, record and tell what it would have done, and move nothing."),
      ),
    ),
    detach: v.exactOptional(
      v.pipe(
        v.picklist(["auto", "graceful", "force"]),
        v.description("How a failing active is detached. auto: by force at once where it is unreachable."),
      ),
    ),
    graceSeconds: v.exactOptional(
      v.pipe(
        whole(0, MAX_GRACE_SECONDS, "seconds", 15),
        v.description("Seconds before a graceful detach from a failing active is forced."),
      ),
    ),
    impairedSeconds: v.exactOptional(
      v.pipe(
        whole(0, DAY_SECONDS, "seconds", 60),
        v.description(
          "Seconds a status check must have been impaired. A reboot fails it for about a minute.",
        ),
      ),
    ),
    witnesses: v.exactOptional(
      v.pipe(whole(1, 20, "witnesses", 1), v.description("Independent sources that must say failing.")),
    ),
    cooldownSeconds: v.exactOptional(
      v.pipe(
        whole(SWEEP_SECONDS + 1, 7 * DAY_SECONDS, "seconds", 300),
        v.description(
          "Least seconds between two automatic moves. Longer than the minute between two sweeps.",
        ),
      ),
    ),
    budget: v.exactOptional(
      v.pipe(
        v.strictObject({
          moves: v.exactOptional(whole(1, MAX_BUDGET_MOVES, "moves", 3)),
          seconds: v.exactOptional(whole(SWEEP_SECONDS + 1, 30 * DAY_SECONDS, "seconds", 3600)),
        }),
        v.description("The most automatic moves in a window of seconds."),
        must("a number of moves and a window of seconds", { example: { moves: 3, seconds: 3600 } }),
      ),
    ),
    failback: v.exactOptional(
      v.pipe(
        v.picklist(["manual", "auto"]),
        v.description(
          "auto: back to a more preferred member once it has been healthy for failbackAfterSeconds.",
        ),
      ),
    ),
    failbackAfterSeconds: v.exactOptional(
      v.pipe(
        whole(SWEEP_SECONDS, 30 * DAY_SECONDS, "seconds", 900),
        v.description("Seconds healthy before a failback."),
      ),
    ),
    leaveBeforeSeconds: v.exactOptional(
      v.pipe(
        whole(0, 14 * DAY_SECONDS, "seconds", 3600),
        v.description("Seconds before a scheduled event of EC2 from which a member counts as leaving."),
      ),
    ),
    fence: v.exactOptional(
      v.pipe(
        FenceSource,
        v.description(
          "Keeps a failed active from doing harm after the move: isolate it by security group, or stop it.",
        ),
      ),
    ),
    fenceFirst: v.exactOptional(
      v.pipe(
        v.boolean(),
        v.description("Stop the failed active before the move. Only with fence: stop."),
        must("true or false", { example: false }),
      ),
    ),
    rtoSeconds: v.exactOptional(
      v.pipe(
        whole(1, DAY_SECONDS, "seconds", 60),
        v.description("The objective that moves and drills are measured against."),
      ),
    ),
  }),
  must("a map of policy keys", { example: { graceSeconds: 15 } }),
);

export type PolicySource = v.InferOutput<typeof PolicySource>;

/** What a group does where the file says nothing. */
export const DEFAULT_POLICY = {
  mode: "act",
  detach: "auto",
  graceSeconds: 15,
  impairedSeconds: 60,
  witnesses: 1,
  cooldownSeconds: 300,
  budget: { moves: 3, seconds: 3600 },
  failback: "manual",
  failbackAfterSeconds: 900,
  leaveBeforeSeconds: 3600,
  fence: "none",
  fenceFirst: false,
  rtoSeconds: 60,
} as const satisfies Required<PolicySource>;

/** The policy that follows from a group's own keys and the defaults of the file. A budget is merged key by key. */
export function mergePolicy(own: PolicySource, defaults: PolicySource): Policy {
  const written: Required<PolicySource> = { ...DEFAULT_POLICY, ...defaults, ...own };
  const budget = { ...DEFAULT_POLICY.budget, ...defaults.budget, ...own.budget };
  return { ...written, budget, fence: fenceOf(written.fence) };
}

function fenceOf(written: Required<PolicySource>["fence"]): Fence {
  return typeof written === "string"
    ? { kind: written }
    : { kind: "isolate", securityGroup: written.isolate };
}
