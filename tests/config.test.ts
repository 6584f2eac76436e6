/** Where the configuration and the settings are found. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { loadConfig, settings } from "../shared/config.ts";
import { ENI, FIRST, fileOf, SECOND } from "./config-fixture.ts";

const EXAMPLE = new URL("../failover.yml", import.meta.url).pathname;

describe("loadConfig", () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "failover-config-"));
    vi.spyOn(process, "cwd").mockReturnValue(directory);
    for (const name of ["FAILOVER_CONFIG", "FAILOVER_TABLE", "FAILOVER_STACK"]) vi.stubEnv(name, undefined);
  });

  afterEach(async () => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
    await rm(directory, { recursive: true, force: true });
  });

  async function put(name: string, historyDays: number): Promise<string> {
    const file = join(directory, name);
    await writeFile(file, fileOf({ top: { historyDays } }));
    return file;
  }

  it("reads the example of the project", async () => {
    const { groups } = await loadConfig(EXAMPLE);
    expect(Object.keys(groups)).toEqual(["nat-a"]);
    expect(groups["nat-a"]?.members.map(({ instance }) => instance)).toEqual([FIRST, SECOND]);
    expect(groups["nat-a"]?.interfaces).toEqual([{ eni: ENI, deviceIndexes: [1] }]);
  });

  it("takes the file that is named before FAILOVER_CONFIG, and that before the working directory's", async () => {
    await put("failover.yml", 1);
    expect((await loadConfig()).historyDays).toBe(1);
    await put("failover.dev.yml", 2);
    expect((await loadConfig()).historyDays).toBe(2);
    vi.stubEnv("FAILOVER_CONFIG", await put("other.yml", 3));
    expect((await loadConfig()).historyDays).toBe(3);
    expect((await loadConfig(await put("named.yml", 4))).historyDays).toBe(4);
  });

  it("takes the file of the stage that the stack is of", async () => {
    await put("failover.yml", 1);
    await put("failover.prod.yml", 2);
    vi.stubEnv("FAILOVER_STACK", "eni-failover-prod");
    const config = await loadConfig();
    expect(config.historyDays).toBe(2);
    expect(config.groups["nat-a"]?.members[0]?.statusAlarm).toBe(`eni-failover-prod-nat-a-${FIRST}-status`);
  });

  it("reads the JSON copy of packaging as it reads the YAML", async () => {
    const file = join(directory, "failover.json");
    await writeFile(file, `${JSON.stringify(JSON.parse(fileOf({ alarms: ["a"] })), undefined, 2)}\n`);
    await writeFile(join(directory, "same.yml"), fileOf({ alarms: ["a"] }));
    expect(await loadConfig(file)).toEqual(await loadConfig(join(directory, "same.yml")));
  });

  it("tells the line of a mistake in JSON too, and a key written twice", async () => {
    const file = join(directory, "failover.json");
    await writeFile(file, `{\n  "historyDays": 1,\n  "historyDays": 2,\n  "groups": {}\n}\n`);
    const told = await loadConfig(file).catch((error: Error) => error.message);
    expect(told).toContain("failover.json:3:3  this key is written twice");
    expect(told).toContain("failover.json:4:3  groups: must be a map of at least one group");
  });

  it("does not take the last of two values for a key of JSON", async () => {
    const file = join(directory, "failover.json");
    await writeFile(file, fileOf({ top: { historyDays: 1 } }).replace("{", '{"historyDays":2,'));
    await expect(loadConfig(file)).rejects.toThrow("failover.json:1:18  this key is written twice");
  });

  it("says which file it could not read", async () => {
    const missing = join(directory, "missing.yml");
    await expect(loadConfig(missing)).rejects.toThrow(
      `${missing} has a problem:\n  ${missing}  the file can't be read (ENOENT) — write it`,
    );
  });
});

describe("settings", () => {
  afterEach(() => vi.unstubAllEnvs());

  it("reads the environment as it is now, and takes an empty variable for an unset one", () => {
    for (const name of ["FAILOVER_CONFIG", "FAILOVER_TABLE", "FAILOVER_STACK"]) vi.stubEnv(name, "");
    expect(settings()).toMatchObject({
      configPath: undefined,
      stack: "eni-failover-dev",
      table: "eni-failover-dev-state",
    });
    vi.stubEnv("FAILOVER_STACK", "eni-failover-prod");
    vi.stubEnv("FAILOVER_TABLE", "notebook");
    expect(settings()).toMatchObject({ stack: "eni-failover-prod", table: "notebook" });
  });
});
