/**
 * `npm start`: one failover, end to end, on the embedded cloud.
 *
 * The only thing that this script does to the cloud is to hang the active instance. All the rest is the real path:
 * status check → metric → alarm → rule → onHealthEvent → detach and attach → record.
 */
import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import pc from "picocolors";
import { loadConfig } from "../shared/config.ts";
import type { Group } from "../shared/core/model.ts";
import type { Cloud } from "./cloud.ts";
import { packageStack } from "./package.ts";
import type { Raised } from "./raise.ts";
import { raise } from "./raise.ts";
import { historyIn, invokeStatus } from "./status.ts";
import { say, Timeline } from "./timeline.ts";

const { values } = parseArgs({
  options: {
    speed: { type: "string", default: "20" },
    config: { type: "string", default: "failover.yml" },
    template: { type: "string" },
    seed: { type: "string", default: "7" },
    journal: { type: "string" },
    seconds: { type: "string", default: "55" },
  },
});

/** Waits until the interface is in use on another member and the function that did it has ended. */
async function moved(cloud: Cloud, group: Group, from: string, until: number): Promise<string | undefined> {
  while (cloud.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    const holders = group.interfaces.map(({ eni }) => cloud.ec2.attachmentTruth(eni, cloud.now()));
    const [first] = holders;
    const arrived = holders.every(
      (holder) => holder?.status === "attached" && holder.instanceId === first?.instanceId,
    );
    const ended = cloud.journal.entries.some(
      (entry) => entry.kind === "invocation-end" && entry.subject.includes("onHealthEvent"),
    );
    if (arrived && ended && first?.instanceId !== undefined && first.instanceId !== from)
      return first.instanceId;
  }
  return undefined;
}

async function main(): Promise<number> {
  const config = await loadConfig(values.config);
  const [group] = Object.values(config.groups);
  const [active] = group?.members ?? [];
  if (group === undefined || active === undefined) throw new Error("The configuration has no group.");
  say(pc.dim("packaging the stack (sls package) …"));
  await packageStack(values.config);
  const speed = Number(values.speed);
  const seed = Number(values.seed);
  const raised = await raise(config, { speed, seed, templatePath: values.template });
  try {
    return await demonstrate(raised, group, active.instance, speed);
  } finally {
    if (values.journal !== undefined) {
      await writeFile(values.journal, JSON.stringify(raised.cloud.journal.entries));
    }
    await raised.close();
  }
}

async function demonstrate(
  { cloud, deployment }: Raised,
  group: Group,
  active: string,
  speed: number,
): Promise<number> {
  say(
    `${pc.bold("embedded cloud")} at ${cloud.endpoint}, detection ${speed} times faster than AWS; EC2's attach and`,
  );
  say("detach, the Lambdas and their polls run at AWS's own speed.");
  say("");
  say(`${pc.bold(group.name)}  ${group.interfaces.map((one) => one.eni).join(", ")}`);
  for (const member of group.members)
    say(`  ${member.instance}  ${member.instance === active ? "active" : "standby"}`);
  say("");
  const timeline = new Timeline(cloud, speed);
  cloud.break({ kind: "hang", instance: active });
  const to = await moved(cloud, group, active, cloud.now() + Number(values.seconds) * 1000);
  timeline.stop();
  if (to === undefined) {
    say(pc.red(`\n${group.name} has not moved: the interface is not in use on a standby.`));
    return 1;
  }
  say("");
  say(pc.bold("sls invoke -f status"));
  say(JSON.stringify(await invokeStatus(cloud, deployment.stack.name, group.name), undefined, 2));
  say("");
  say(pc.bold("the history item, as DynamoDB has it"));
  const history = await historyIn(cloud, deployment.stack.name, group.name);
  say(JSON.stringify(history, undefined, 2));
  if (history.length === 0) {
    say(pc.red("\nThe interface has moved, but no history item tells of it."));
    return 1;
  }
  say("");
  say(pc.green(`${group.name} moved from ${active} to ${to}: the interface is in use there.`));
  return 0;
}

process.exitCode = await main().catch((error: unknown) => {
  const known = error instanceof Error && error.name === "ConfigError";
  say(known ? error.message : String(error instanceof Error ? (error.stack ?? error.message) : error));
  return 1;
});
