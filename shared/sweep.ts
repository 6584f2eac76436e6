/** A look at many groups, so many at a time. One group that fails does not keep the others waiting. */
import type { Config } from "./config.ts";
import type { Group } from "./core/model.ts";
import { reconcile } from "./reconcile.ts";
import type { Answer, Report } from "./report.ts";
import { answerOf } from "./report.ts";
import type { World } from "./world.ts";

export interface Swept {
  readonly looked: number;
  /** How many groups came to which end. */
  readonly because: Readonly<Record<string, number>>;
  /** Every group that is not simply healthy. */
  readonly reports: readonly Answer[];
}

/** So many groups are looked at side by side: a busy fleet must not empty EC2's token buckets at once. */
const SIDE_BY_SIDE = 8;

/** Looks at the groups. Throws, after all were looked at, when a look failed: then Lambda tells, and a sweep follows. */
export async function sweep(
  groups: readonly Group[],
  config: Config,
  world: World,
  tell: (report: Report) => void,
): Promise<Swept> {
  const reports: Report[] = [];
  const errors: unknown[] = [];
  const waiting = [...groups];
  const look = async (): Promise<void> => {
    for (let group = waiting.shift(); group !== undefined; group = waiting.shift()) {
      try {
        const report = await reconcile(group, { trigger: "sweep", historyDays: config.historyDays }, world);
        reports.push(report);
        tell(report);
      } catch (error) {
        world.log("error", "a look failed", { group: group.name, error });
        errors.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(SIDE_BY_SIDE, groups.length) }, look));
  throwAll(errors, groups.length);
  const because: Record<string, number> = {};
  for (const report of reports) because[report.because] = (because[report.because] ?? 0) + 1;
  return {
    looked: reports.length,
    because,
    reports: reports.filter((report) => report.because !== "healthy").map(answerOf),
  };
}

/** Throws what went wrong, if anything did: the one error, or all of them under one sentence. */
export function throwAll(errors: readonly unknown[], looks: number): void {
  if (errors.length === 0) return;
  if (errors.length === 1) throw errors[0];
  const messages = errors.map((error) => (error instanceof Error ? error.message : String(error)));
  throw new AggregateError(errors, `${errors.length} of ${looks} looks failed: ${messages.join("; ")}`);
}
