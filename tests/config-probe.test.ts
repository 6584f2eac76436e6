/** The probe of a group in `failover.yml`: what it becomes, where its prober lives, and what is wrong with it. */
import { describe, expect, it } from "vitest";
import { probersOf } from "../shared/probers.ts";
import { ENI, FIRST, fileOf, OTHER_ENI, parsed, problemsOf, SECOND } from "./config-fixture.ts";

const [SUBNET, OTHER_SUBNET, SG] = ["subnet-0a1b2c3d", "subnet-0b2c3d4e", "sg-0123abcd"];
const HOME = { subnets: [SUBNET], securityGroups: [SG] };
const MEMBERS = [
  { instance: FIRST, address: "10.0.1.11" },
  { instance: SECOND, address: "10.0.1.12" },
];
const PROBE = { tcp: 22, address: "10.0.0.10" };

const file = (probe: object, { members = MEMBERS, top = { probes: HOME } as object } = {}) =>
  fileOf({ members, probe, top: top as Record<string, unknown> });
const probeOf = (probe: object, top?: object) =>
  parsed(file(probe, top === undefined ? {} : { top })).groups["nat-a"]?.probe;

describe("a probe", () => {
  it("is complete: what the file leaves out has its default", () => {
    expect(probeOf(PROBE)).toEqual({
      check: { kind: "tcp", port: 22 },
      address: "10.0.0.10",
      everySeconds: 5,
      failAfter: 3,
      of: 3,
      ...HOME,
    });
  });

  it("is off where it is left out", () => {
    const { groups } = parsed(fileOf({ members: MEMBERS }));
    expect(groups["nat-a"]).not.toHaveProperty("probe");
    expect(probersOf({ groups })).toEqual([]);
  });

  it.each([
    [{}, { port: 80, path: "/", status: [200], tls: false }],
    [{ tls: true }, { port: 443, path: "/", status: [200], tls: true }],
    [
      { port: 8443, tls: true, path: "/up?x=1", status: [200, 204], host: "nat.example.com" },
      { port: 8443, path: "/up?x=1", status: [200, 204], tls: true, host: "nat.example.com" },
    ],
  ])("http: %j", (http, check) => {
    expect(probeOf({ address: "10.0.0.10", http })?.check).toEqual({ kind: "http", ...check });
  });

  it("knows the members' own addresses", () => {
    const { members } = parsed(file(PROBE)).groups["nat-a"] ?? { members: [] };
    expect(members.map(({ address }) => address)).toEqual(["10.0.1.11", "10.0.1.12"]);
  });

  it("takes where its prober lives from itself, else from what holds for all", () => {
    const own = { subnets: [OTHER_SUBNET], control: { address: "fd00::2", tcp: 53 } };
    const probe = probeOf(
      { ...PROBE, ...own },
      { probes: { ...HOME, control: { address: "10.0.0.2", tcp: 53 } } },
    );
    expect(probe).toMatchObject({
      subnets: [OTHER_SUBNET],
      securityGroups: [SG],
      control: { address: "fd00::2", port: 53 },
    });
  });

  it("makes one more witness possible", () => {
    const policy = { witnesses: 3 };
    expect(problemsOf(fileOf({ members: MEMBERS, probe: PROBE, policy, top: { probes: HOME } }))).toEqual([]);
    expect(problemsOf(fileOf({ members: MEMBERS, policy }))).toHaveLength(1);
  });
});

describe("the probers", () => {
  it("are one for each set of subnets and security groups, in whatever order these are written", () => {
    const group = (eni: string, deviceIndex: number, more: object) => ({
      interfaces: [{ eni, deviceIndex }],
      members: MEMBERS,
      probe: { ...PROBE, ...more },
    });
    const groups = {
      a: group(ENI, 1, { subnets: [SUBNET, OTHER_SUBNET] }),
      b: group(OTHER_ENI, 2, {}),
      c: group("eni-0c3d4e5f", 3, { subnets: [OTHER_SUBNET, SUBNET], failAfter: 2 }),
    };
    const config = parsed(JSON.stringify({ probes: HOME, groups }));
    expect(probersOf(config)).toEqual([
      { name: "probe", subnets: [SUBNET, OTHER_SUBNET], securityGroups: [SG], groups: ["a", "c"] },
      { name: "probe2", ...HOME, groups: ["b"] },
    ]);
  });
});

describe("what is wrong with a probe is one problem", () => {
  it.each<readonly [string, string, string, string]>([
    ["both", file({ ...PROBE, http: {} }), "groups.nat-a.probe", "says both tcp and http"],
    ["port 0", file({ ...PROBE, tcp: 0 }), "groups.nat-a.probe.tcp", "must be a TCP port from 1 to 65535"],
    [
      "a name",
      file({ ...PROBE, address: "nat.example.com" }),
      "groups.nat-a.probe.address",
      "must be an IPv4 or IPv6",
    ],
    [
      "no address",
      file({ ...PROBE, address: "10.0.0.256" }),
      "groups.nat-a.probe.address",
      'is "10.0.0.256"',
    ],
    [
      "a status of two digits",
      file({ http: { status: 20 }, address: "10.0.0.10" }),
      "groups.nat-a.probe.http.status",
      "from 100 to 599",
    ],
    [
      "no subnets",
      file(PROBE, { top: { probes: { securityGroups: [SG] } } }),
      "groups.nat-a.probe",
      "no subnets for the prober",
    ],
    [
      "a wrong subnet, told once",
      file(PROBE, { top: { probes: { ...HOME, subnets: ["sub-1"] } } }),
      "probes.subnets[0]",
      "must be the id of a subnet",
    ],
  ])("%s", (_, text, path, expected) => {
    const problems = problemsOf(text);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(` ${path}: `);
    expect(problems[0]).toContain(expected);
  });

  it("but for a floating address alone that a control target vouches for", () => {
    const members = [{ instance: FIRST }, { instance: SECOND }] as never;
    expect(problemsOf(file({ ...PROBE, control: { address: "10.0.0.2", tcp: 53 } }, { members }))).toEqual(
      [],
    );
  });
});
