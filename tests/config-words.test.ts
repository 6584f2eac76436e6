/** What an operator reads of a value that is none of what it must be: every place of the file, in its words. */
import { describe, expect, it } from "vitest";
import { fileOf, problemsOf } from "./config-fixture.ts";

/** The problems without their lines and columns. */
const told = (text: string) => problemsOf(text).map((problem) => problem.replace(/^\d+:\d+ /, ""));

describe("what is wrong", () => {
  const soon = (keys: string) => Object.fromEntries(keys.split(" ").map((key) => [key, "soon"]));
  it.each<readonly [string, string, readonly string[]]>([
    [
      "at the top",
      fileOf({
        top: {
          defaults: "calm",
          probes: 7,
          surge: [],
          statusAlarm: 2,
          drills: "weekly",
          notifications: "me",
          historyDays: "long",
        },
      }),
      [
        'defaults: must be a map of policy keys, is "calm" — write for example {graceSeconds: 15}',
        "probes: must be a map of subnets, securityGroups and control, is 7 — write for example {subnets: [subnet-0a1b2c3d4e5f60718], securityGroups: [sg-0123456789abcdef0]}",
        "surge: must be a map of groups, share and seconds, is an empty list — write for example {groups: 5, share: 0.2, seconds: 300}",
        "statusAlarm: must be a map of enabled, periods, of, attachedEbs and application, is 2 — write for example {enabled: true, periods: 2, of: 2}",
        'drills: must be a map of window, blockedDates and schedule, is "weekly" — write for example {window: {from: 02:00, to: 04:00}, blockedDates: [2026-12-24]}',
        'notifications: must be a map of emails, runbook and encryptionKey, is "me" — write for example {emails: [on-call@example.com]}',
        'historyDays: must be a whole number of days from 1 to 3650, is "long" — write for example 400',
      ],
    ],
    [
      "in groups that are no map",
      JSON.stringify({ groups: 7 }),
      [
        "groups: must be a map of at least one group by name, is 7 — name a group with its interfaces and members",
      ],
    ],
    [
      "in a file that is no map",
      "[]",
      [": must be a map with groups, is an empty list — write groups: and under it at least one group"],
    ],
    [
      "in groups",
      JSON.stringify({ groups: { "nat-a": 7, "nat-b": [], "nat-c": {}, "-d": {} } }),
      [
        "groups.nat-a: must be a map with interfaces and members, is 7 — write interfaces: and members: under it",
        "groups.nat-b: must be a map with interfaces and members, is an empty list — write interfaces: and members: under it",
        "groups.nat-c.interfaces: is missing — add for example interfaces: [{eni: eni-0a1b2c3d4e5f60718, deviceIndex: 1}]",
        "groups.nat-c.members: is missing — add for example members: [{instance: i-0123456789abcdef0}, {instance: i-0fedcba9876543210}]",
        'groups.-d: must be a name of at most 41 letters, digits and hyphens that begins with no hyphen, is "-d" — write for example nat-a',
        "groups.-d.interfaces: is missing — add for example interfaces: [{eni: eni-0a1b2c3d4e5f60718, deviceIndex: 1}]",
        "groups.-d.members: is missing — add for example members: [{instance: i-0123456789abcdef0}, {instance: i-0fedcba9876543210}]",
      ],
    ],
    [
      "in a group",
      fileOf({
        interfaces: [7, { eni: 7, deviceIndex: "one" }],
        members: [7, { instance: 7, alarms: "x", deviceIndexes: 7, address: 7 }],
        alarms: [7],
        probe: 7 as never,
        policy: 7 as never,
      }),
      [
        "groups.nat-a.interfaces[0]: must be an interface with eni and deviceIndex, is 7 — write for example {eni: eni-0a1b2c3d4e5f60718, deviceIndex: 1}",
        "groups.nat-a.interfaces[1].eni: must be the id of a network interface (eni- and 8 or 17 hexadecimal digits), is 7 — write for example eni-0a1b2c3d4e5f60718",
        'groups.nat-a.interfaces[1].deviceIndex: must be a device index from 1 to 15, or a list of them in order of preference, is "one" — write for example 1',
        "groups.nat-a.members[0]: must be a member with an instance, is 7 — write for example {instance: i-0123456789abcdef0}",
        "groups.nat-a.members[1].instance: must be the id of an instance (i- and 8 or 17 hexadecimal digits), is 7 — write for example i-0123456789abcdef0",
        'groups.nat-a.members[1].alarms: must be a list of alarm names, is "x" — write for example [nat-a-no-traffic]',
        "groups.nat-a.members[1].deviceIndexes: must be a map from interfaces of the group to device indexes, is 7 — write for example {eni-0a1b2c3d4e5f60718: 4}",
        "groups.nat-a.members[1].address: must be an IPv4 or IPv6 address, is 7 — write for example 10.0.0.10",
        "groups.nat-a.alarms[0]: must be the name of an alarm, 1 to 255 characters, is 7 — write for example nat-a-no-traffic",
        "groups.nat-a.probe: must be a map with tcp or http, is 7 — write for example {tcp: 22}",
        "groups.nat-a.policy: must be a map of policy keys, is 7 — write for example {graceSeconds: 15}",
      ],
    ],
    [
      "in a group's lists",
      fileOf({ interfaces: 7, members: 7, alarms: 7 } as never),
      [
        "groups.nat-a.interfaces: must be a list of at least one interface, is 7 — write for example [{eni: eni-0a1b2c3d4e5f60718, deviceIndex: 1}]",
        "groups.nat-a.members: must be a list of at least two members, is 7 — write for example [{instance: i-0123456789abcdef0}, {instance: i-0fedcba9876543210}]",
        "groups.nat-a.alarms: must be a list of alarm names, is 7 — write for example [nat-a-no-traffic]",
      ],
    ],
    [
      "in a policy",
      fileOf({
        policy: soon(
          "mode detach graceSeconds impairedSeconds witnesses cooldownSeconds budget failback failbackAfterSeconds leaveBeforeSeconds fence fenceFirst rtoSeconds",
        ),
      }),
      [
        'groups.nat-a.policy.mode: must be act or observe, is "soon" — write act or observe',
        'groups.nat-a.policy.detach: must be auto, graceful or force, is "soon" — write auto, graceful or force',
        'groups.nat-a.policy.graceSeconds: must be a whole number of seconds from 0 to 170, is "soon" — write for example 15',
        'groups.nat-a.policy.impairedSeconds: must be a whole number of seconds from 0 to 86400, is "soon" — write for example 60',
        'groups.nat-a.policy.witnesses: must be a whole number of witnesses from 1 to 20, is "soon" — write for example 1',
        'groups.nat-a.policy.cooldownSeconds: must be a whole number of seconds from 61 to 604800, is "soon" — write for example 300',
        'groups.nat-a.policy.budget: must be a number of moves and a window of seconds, is "soon" — write for example {moves: 3, seconds: 3600}',
        'groups.nat-a.policy.failback: must be manual or auto, is "soon" — write manual or auto',
        'groups.nat-a.policy.failbackAfterSeconds: must be a whole number of seconds from 60 to 2592000, is "soon" — write for example 900',
        'groups.nat-a.policy.leaveBeforeSeconds: must be a whole number of seconds from 0 to 1209600, is "soon" — write for example 3600',
        'groups.nat-a.policy.fence: must be none, stop, or isolate with the id of a security group, is "soon" — write for example {isolate: sg-0123456789abcdef0}',
        'groups.nat-a.policy.fenceFirst: must be true or false, is "soon" — write for example false',
        'groups.nat-a.policy.rtoSeconds: must be a whole number of seconds from 1 to 86400, is "soon" — write for example 60',
      ],
    ],
    [
      "in a budget",
      fileOf({ policy: { budget: { moves: "few", seconds: "many" } } }),
      [
        'groups.nat-a.policy.budget.moves: must be a whole number of moves from 1 to 10, is "few" — write for example 3',
        'groups.nat-a.policy.budget.seconds: must be a whole number of seconds from 61 to 2592000, is "many" — write for example 3600',
      ],
    ],
    [
      "in a probe",
      fileOf({
        probe: {
          tcp: "ssh",
          http: { port: "www", tls: "yes", path: "up", status: "ok", host: "a b" },
          address: "nat",
          everySeconds: 11,
          failAfter: 11,
          of: 11,
          subnets: [],
          securityGroups: [],
          control: "x",
        },
      }),
      [
        'groups.nat-a.probe.tcp: must be a TCP port from 1 to 65535, is "ssh" — write for example 22',
        'groups.nat-a.probe.http.port: must be a TCP port from 1 to 65535, is "www" — write for example 22',
        'groups.nat-a.probe.http.tls: must be true or false, is "yes" — write for example true',
        'groups.nat-a.probe.http.path: must be a path that begins with a slash, is "up" — write for example /health',
        'groups.nat-a.probe.http.status: must be a status from 100 to 599, or a list of them, is "ok" — write for example 200',
        'groups.nat-a.probe.http.host: must be the name of a host, is "a b" — write for example www.example.com',
        'groups.nat-a.probe.address: must be an IPv4 or IPv6 address, is "nat" — write for example 10.0.0.10',
        "groups.nat-a.probe.everySeconds: must be a whole number of seconds from 1 to 10, is 11 — write for example 5",
        "groups.nat-a.probe.failAfter: must be a whole number of failed probes from 1 to 10, is 11 — write for example 3",
        "groups.nat-a.probe.of: must be a whole number of probes from 1 to 10, is 11 — write for example 3",
        "groups.nat-a.probe.subnets: must be a list of at least one subnet, is an empty list — write for example [subnet-0a1b2c3d4e5f60718]",
        "groups.nat-a.probe.securityGroups: must be a list of at least one security group, is an empty list — write for example [sg-0123456789abcdef0]",
        'groups.nat-a.probe.control: must be an address and a TCP port, is "x" — write for example {address: 10.0.0.53, tcp: 53}',
      ],
    ],
    [
      "in probes",
      fileOf({
        probe: { http: 7, subnets: 7, securityGroups: [7], control: { address: "x", tcp: 0 } },
        top: { probes: { subnets: "x", securityGroups: "x", control: 7 } },
      }),
      [
        'probes.subnets: must be a list of at least one subnet, is "x" — write for example [subnet-0a1b2c3d4e5f60718]',
        'probes.securityGroups: must be a list of at least one security group, is "x" — write for example [sg-0123456789abcdef0]',
        "probes.control: must be an address and a TCP port, is 7 — write for example {address: 10.0.0.53, tcp: 53}",
        "groups.nat-a.probe.http: must be a map of port, tls, path, status and host, is 7 — write for example {path: /health, status: 200}",
        "groups.nat-a.probe.subnets: must be a list of at least one subnet, is 7 — write for example [subnet-0a1b2c3d4e5f60718]",
        "groups.nat-a.probe.securityGroups[0]: must be the id of a security group (sg- and 8 or 17 hexadecimal digits), is 7 — write for example sg-0123456789abcdef0",
        'groups.nat-a.probe.control.address: must be an IPv4 or IPv6 address, is "x" — write for example 10.0.0.10',
        "groups.nat-a.probe.control.tcp: must be a TCP port from 1 to 65535, is 0 — write for example 22",
      ],
    ],
    [
      "in numbers and lists at the top",
      fileOf({
        top: {
          surge: { groups: 0, share: 2, seconds: 0 },
          statusAlarm: { enabled: 1, periods: 0, of: 61, attachedEbs: 1, application: 1 },
          historyDays: 0,
          drills: {
            window: { days: 7, from: 7, to: 7 },
            blockedDates: 7,
            schedule: { at: 7, groups: 7, andBack: 7 },
          },
          notifications: { emails: ["me", "a@b.cd"], runbook: "http://x.y", encryptionKey: "alias/x" },
        },
      }),
      [
        "surge.groups: must be a whole number of groups from 1 to 10000, is 0 — write for example 5",
        "surge.share: must be a share above 0 and up to 1, is 2 — write for example 0.2",
        "surge.seconds: must be a whole number of seconds from 1 to 86400, is 0 — write for example 300",
        "statusAlarm.enabled: must be true or false, is 1 — write for example true",
        "statusAlarm.periods: must be a whole number of periods of a minute from 1 to 60, is 0 — write for example 2",
        "statusAlarm.of: must be a whole number of periods of a minute from 1 to 60, is 61 — write for example 2",
        "statusAlarm.attachedEbs: must be true or false, is 1 — write for example true",
        "statusAlarm.application: must be true or false, is 1 — write for example true",
        "historyDays: must be a whole number of days from 1 to 3650, is 0 — write for example 400",
        "drills.window.days: must be a list of days out of sun, mon, tue, wed, thu, fri, sat, is 7 — write for example [sat, sun]",
        "drills.window.from: must be a time in UTC, hours and minutes, is 7 — write for example 02:00",
        "drills.window.to: must be a time in UTC, hours and minutes, is 7 — write for example 04:00",
        "drills.blockedDates: must be a list of dates, is 7 — write for example [2026-12-24, 2026-12-31/2027-01-02]",
        "drills.schedule.at: must be a schedule of EventBridge, is 7 — write for example cron(0 3 ? * SUN *)",
        "drills.schedule.groups: must be a list of groups, is 7 — write for example [nat-a]",
        "drills.schedule.andBack: must be true or false, is 7 — write for example true",
        'notifications.emails[0]: must be an email address, is "me" — write for example on-call@example.com',
        'notifications.runbook: must be an https address without #, is "http://x.y" — write for example https://wiki.example.com/failover-runbook',
        'notifications.encryptionKey: must be the ARN of a KMS key, is "alias/x" — write for example arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab',
      ],
    ],
    [
      "in maps at the top",
      fileOf({
        top: { drills: { window: 7, blockedDates: [7], schedule: 7 }, notifications: { emails: 7 } },
      }),
      [
        "drills.window: must be a map of from, to and days, is 7 — write for example {days: [sat, sun], from: 02:00, to: 04:00}",
        "drills.blockedDates[0]: must be a date, or the first and the last of some with / between, is 7 — write for example 2026-12-20/2027-01-06",
        "drills.schedule: must be a map of at, groups and andBack, is 7 — write for example {at: cron(0 3 ? * SUN *), andBack: true}",
        "notifications.emails: must be a list of email addresses, is 7 — write for example [on-call@example.com]",
      ],
    ],
  ])("%s is told in these words", (_, text, lines) => {
    expect(told(text)).toEqual(lines);
  });

  it.each(["defaults", "probes", "surge", "statusAlarm", "drills", "notifications"])(
    "%s without a value is told once, as empty",
    (key) => {
      const lines = told(fileOf({ top: { [key]: null } }));
      expect(lines.map((line) => line.split(" ")[0])).toEqual([`${key}:`]);
      expect(lines[0]).toContain(", is empty — write for example {");
    },
  );
});
