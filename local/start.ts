/**
 * `npm start`: one failover, end to end, on the embedded cloud.
 *
 * The only thing that this script does to the cloud is to hang the active instance. All the rest is the real path:
 * status check → metric → alarm → rule → onHealthEvent → detach and attach → record.
 */
import { writeFile } from "node:fs/promises";
import { inspect, parseArgs } from "node:util";
import pc from "picocolors";
import { type Config, loadConfig } from "../shared/config.ts";
import type { Group } from "../shared/core/model.ts";
import type { Phases } from "../shared/core/state.ts";
import { probersOf } from "../shared/probers.ts";
import { howFar } from "./chain.ts";
import { exitCodeOf, numberOption } from "./cli/usage.ts";
import type { Cloud } from "./cloud.ts";
import type { Raised } from "./raise.ts";
import { raise } from "./raise.ts";
import { askStatus, historyIn } from "./status.ts";
import { summary } from "./summary.ts";
import { Timeline } from "./timeline.ts";
import { say } from "./told.ts";

const HELP = `npm start -- [options]
  --speed 20              how many times faster than AWS failures are detected; all else runs at AWS's speed
  --seconds 55            how long the interface may take to be in use on a standby
  --config failover.yml   the groups; the first one's active is hung
  --packaged              take the package that is in .serverless as it is
  --template file         another template beside the packaged Lambdas
  --seed 7                the same ids, durations and delays as another run with this seed
  --journal file          write down everything that happened in the cloud, each entry with its cause`;

function optionsOf(words: string[]) {
  const { values } = parseArgs({
    args: words,
    options: {
      speed: { type: "string", default: "20" },
      seconds: { type: "string", default: "55" },
      config: { type: "string", default: "failover.yml" },
      packaged: { type: "boolean", default: false },
      template: { type: "string" },
      seed: { type: "string", default: "7" },
      journal: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  const speed = numberOption("speed", values.speed, { least: 1 });
  const seconds = numberOption("seconds", values.seconds, { least: 1 });
  const seed = numberOption("seed", values.seed, { least: 0 });
  return { ...values, speed, seconds, seed };
}

type Options = ReturnType<typeof optionsOf>;

async function main(): Promise<number> {
  const options = optionsOf(process.argv.slice(2));
  if (options.help) {
    say(HELP);
    return 0;
  }
  const config = await loadConfig(options.config);
  const [group] = Object.values(config.groups);
  if (group === undefined) throw new Error("The configuration has no group.");
  const { speed, seed } = options;
  const packaging = options.packaged ? undefined : options.config;
  const raised = await raise(config, { speed, seed, packaging, templatePath: options.template });
  try {
    await startProbing(raised, config, group);
    return await demonstrate(raised, group, options);
  } finally {
    if (options.journal !== undefined) {
      await writeFile(options.journal, JSON.stringify(raised.cloud.journal.entries));
    }
    await raised.close();
  }
}

async function demonstrate({ cloud, deployment }: Raised, group: Group, options: Options): Promise<number> {
  const [active] = group.members;
  if (active === undefined) throw new Error("The group has no member.");
  introduce(cloud, group, options.speed);
  const timeline = new Timeline(
    cloud,
    options.speed,
    group.interfaces.map(({ eni }) => eni),
  );
  const hang = cloud.break({ kind: "hang", instance: active.instance });
  const to = await moved(cloud, group, active.instance, cloud.now() + options.seconds * 1000);
  await timeline.stop();
  say("");
  if (to === undefined) {
    const why = hang === undefined ? "it did not hang." : howFar(cloud.journal.entries, hang);
    say(pc.red(`${group.name} has not moved within ${options.seconds} s: ${why}`));
    return 1;
  }
  const history = await historyIn(cloud, deployment.stack.name, group.name);
  const { phases = {} } = (history[0] ?? {}) as { phases?: Phases };
  const { rtoSeconds } = group.policy;
  say(pc.bold("how long each phase took"));
  for (const row of summary({ phases, detectionMs: timeline.detection, speed: options.speed, rtoSeconds }))
    say(row);
  say(`\n${pc.bold(`sls invoke local -f status -d '{"group":"${group.name}"}'`)}`);
  say(shown(await askStatus(cloud, options.config, group.name)));
  say(`\n${pc.bold("the history item, as DynamoDB has it")}`);
  say(shown(history));
  if (history.length === 0) {
    say(pc.red("\nThe interface has moved, but no history item tells of it."));
    return 1;
  }
  say(pc.green(`\n${group.name} moved from ${active.instance} to ${to}: in use there.`));
  return 0;
}

/** Starts a minute of probes before its time, and lets everybody answer once: silence counts only after an answer. */
async function startProbing({ deployment }: Raised, config: Config, { probe }: Group): Promise<void> {
  const probers = probersOf(config);
  for (const { name } of probers) deployment.bus.runSchedule(`${deployment.stack.name}-${name}`);
  if (probe === undefined) return;
  say(pc.dim(`probing every ${probe.everySeconds} s, for a moment while all is well …`));
  await new Promise((resolve) => setTimeout(resolve, probe.everySeconds * 1000 + 2000));
}

function introduce(cloud: Cloud, group: Group, speed: number): void {
  say("");
  say(`${pc.bold("embedded cloud")} at ${cloud.endpoint}`);
  say(`Failures are detected ${speed} times faster than in AWS. EC2's attach and detach, the Lambdas and`);
  say("their polls run at AWS's own speed.");
  say("");
  say(`${pc.bold(group.name)}  ${group.interfaces.map((one) => one.eni).join(", ")}`);
  for (const [place, { instance }] of group.members.entries())
    say(`  ${instance}  ${place === 0 ? "active, preferred" : "standby"}`);
  say("");
}

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

const shown = (value: unknown) =>
  inspect(value, { depth: null, breakLength: 108, compact: 2, colors: process.stdout.isTTY });

process.exitCode = await exitCodeOf(main, "npm start -- --help tells more.");
