/** What a sound configuration becomes, and where it is found. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { loadConfig, settings } from "../shared/config.ts";
import { ENI, FIRST, fileOf, OTHER_ENI, parsed, SECOND } from "./config-fixture.ts";

const EXAMPLE = new URL("../failover.yml", import.meta.url).pathname;

const DEFAULTS = {
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
  fence: { kind: "none" },
  fenceFirst: false,
  rtoSeconds: 60,
};

describe("a sound configuration", () => {
  it("is complete: what the file leaves out has its default", () => {
    expect(parsed(fileOf({}))).toEqual({
      groups: {
        "nat-a": {
          name: "nat-a",
          interfaces: [{ eni: ENI, deviceIndexes: [1] }],
          members: [FIRST, SECOND].map((instance) => ({
            name: instance,
            instance,
            alarms: [],
            statusAlarm: `st-nat-a-${instance}-status`,
            deviceIndexes: {},
          })),
          alarms: [],
          policy: DEFAULTS,
        },
      },
      surge: { groups: 5, share: 0.2, seconds: 300 },
      historyDays: 400,
      statusAlarm: { enabled: true, periods: 2, of: 2, attachedEbs: false, application: false },
      drills: { blocked: [] },
      notifications: { emails: [], runbook: "docs/runbook.md" },
    });
  });

  it("lets a group's policy come before the defaults of the file, and a budget key by key", () => {
    const top = { defaults: { graceSeconds: 10, rtoSeconds: 90, budget: { moves: 2 } } };
    const policy = { graceSeconds: 20, budget: { seconds: 7200 } };
    expect(parsed(fileOf({ top, policy })).groups["nat-a"]?.policy).toEqual({
      ...DEFAULTS,
      graceSeconds: 20,
      rtoSeconds: 90,
      budget: { moves: 2, seconds: 7200 },
    });
  });

  it("makes a list of one of a single device index, in members' overrides too", () => {
    const members = [
      { instance: FIRST },
      { instance: SECOND, deviceIndexes: { [ENI]: 4, [OTHER_ENI]: [5, 6] } },
    ];
    const interfaces = [
      { eni: ENI, deviceIndex: 1 },
      { eni: OTHER_ENI, deviceIndex: [2, 3] },
    ];
    const group = parsed(fileOf({ interfaces, members })).groups["nat-a"];
    expect(group?.interfaces.map(({ deviceIndexes }) => deviceIndexes)).toEqual([[1], [2, 3]]);
    expect(group?.members[1]?.deviceIndexes).toEqual({ [ENI]: [4], [OTHER_ENI]: [5, 6] });
  });

  it("names no status alarm where the stack makes none", () => {
    const { groups } = parsed(fileOf({ top: { statusAlarm: { enabled: false } } }));
    expect(groups["nat-a"]?.members.map((member) => "statusAlarm" in member)).toEqual([false, false]);
  });

  it.each([
    ["none", { kind: "none" }],
    ["stop", { kind: "stop" }],
    [{ isolate: "sg-0123abcd" }, { kind: "isolate", securityGroup: "sg-0123abcd" }],
  ])("reads fence: %j", (fence, expected) => {
    expect(parsed(fileOf({ policy: { fence } })).groups["nat-a"]?.policy.fence).toEqual(expected);
  });

  it("spares the interfaces of other groups with the same members, where a group isolates", () => {
    const isolating = { policy: { fence: { isolate: "sg-0123abcd" } } };
    const members = [{ instance: FIRST }, { instance: SECOND }];
    const apart = [{ instance: "i-0aaaaaaaaaaaaaaaa" }, { instance: "i-0bbbbbbbbbbbbbbbb" }];
    const third = "eni-0c3d4e5f607182930";
    const groups = {
      "nat-a": { interfaces: [{ eni: ENI, deviceIndex: 1 }], members, ...isolating },
      "nat-b": { interfaces: [{ eni: OTHER_ENI, deviceIndex: 2 }], members },
      "nat-c": { interfaces: [{ eni: third, deviceIndex: 1 }], members: apart, ...isolating },
    };
    const config = parsed(JSON.stringify({ groups }));
    const fenceOf = (name: string) => config.groups[name]?.policy.fence;
    expect(fenceOf("nat-a")).toEqual({ kind: "isolate", securityGroup: "sg-0123abcd", except: [OTHER_ENI] });
    expect(fenceOf("nat-b")).toEqual({ kind: "none" });
    expect(fenceOf("nat-c")).toEqual({ kind: "isolate", securityGroup: "sg-0123abcd" });
  });

  it("follows anchors and aliases", () => {
    const text = `
defaults: &calm { graceSeconds: 30 }
groups:
  nat-a:
    interfaces: [{ eni: ${ENI}, deviceIndex: 1 }]
    members: &pair [{ instance: ${FIRST} }, { instance: ${SECOND} }]
  nat-b:
    interfaces: [{ eni: ${OTHER_ENI}, deviceIndex: 2 }]
    members: *pair
    policy: *calm
`;
    const { groups } = parsed(text);
    expect(groups["nat-b"]?.members).toHaveLength(2);
    expect(groups["nat-b"]?.policy.graceSeconds).toBe(30);
  });
});

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
