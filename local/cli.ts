/** `npm run cloud`: keeps the embedded cloud up, and breaks things in one that is. */
import { parseArgs } from "node:util";
import { BREAK_HELP, breakageOf } from "./cli/breakage.ts";
import { up } from "./cli/up.ts";
import { exitCodeOf, numberOption, UsageError } from "./cli/usage.ts";
import { say } from "./told.ts";

const DEFAULT_PORT = 4599;

const HELP = `npm run cloud -- [options]
  --port ${DEFAULT_PORT}             where it listens, on 127.0.0.1
  --speed 20              how many times faster than AWS failures are detected; all else runs at AWS's speed
  --config failover.yml   the groups; every member is running, every interface on its group's first member
  --packaged              take the package that is in .serverless as it is
  --seed n                the same ids, durations and delays as another run with this seed

npm run cloud -- break …          in another terminal; --endpoint, else AWS_ENDPOINT_URL, says which cloud
${BREAK_HELP}`;

async function main(words: readonly string[]): Promise<number> {
  const [command] = words;
  if (command === "break") return await breakIn(words.slice(1));
  if (command === "help" || words.includes("--help")) {
    say(HELP);
    return 0;
  }
  const stop = await up(upOptions(words));
  await new Promise((resolve) => {
    process.once("SIGINT", resolve);
    process.once("SIGTERM", resolve);
  });
  await stop();
  return 0;
}

function upOptions(words: readonly string[]) {
  const { values } = parseArgs({
    args: [...words],
    options: {
      port: { type: "string", default: String(DEFAULT_PORT) },
      speed: { type: "string", default: "20" },
      config: { type: "string", default: "failover.yml" },
      seed: { type: "string" },
      packaged: { type: "boolean", default: false },
    },
  });
  const port = numberOption("port", values.port, { least: 0, whole: true });
  if (port > 65_535) throw new UsageError(`there is no port ${values.port}`);
  const speed = numberOption("speed", values.speed, { least: 1 });
  const seed = values.seed === undefined ? undefined : numberOption("seed", values.seed, { least: 0 });
  return { ...values, port, speed, seed };
}

/** Sends a breakage to the cloud that runs. */
async function breakIn(words: readonly string[]): Promise<number> {
  const at = words.indexOf("--endpoint");
  const given = at < 0 ? process.env.AWS_ENDPOINT_URL : words[at + 1];
  const endpoint = given ?? `http://127.0.0.1:${DEFAULT_PORT}`;
  const rest = at < 0 ? words : words.toSpliced(at, 2);
  const body = JSON.stringify(breakageOf(rest, Date.now()));
  const answer = await fetch(`${endpoint}/_cloud/break`, { method: "POST", body }).catch((error: Error) => {
    throw new UsageError(
      `no embedded cloud answers at ${endpoint} (npm run cloud starts one): ${error.message}`,
    );
  });
  const { error } = (await answer.json()) as { error?: string };
  if (!answer.ok) throw new UsageError(error ?? `the cloud answered ${answer.status}`);
  say(`done: ${rest.join(" ")}`);
  return 0;
}

process.exitCode = await exitCodeOf(() => main(process.argv.slice(2)), "npm run cloud -- help tells more.");
