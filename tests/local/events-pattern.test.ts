/** Goal: patterns match as EventBridge documents it. Method: a table, a row for each documented sentence or sample. */
import { describe, expect, it } from "vitest";
import { matchesPattern } from "../../local/events/pattern.ts";

const stateChange = {
  version: "0",
  source: "aws.ec2",
  "detail-type": "EC2 Instance State-change Notification",
  resources: ["arn:aws:ec2:eu-west-1:123456789012:instance/i-a"],
  detail: {
    "instance-id": "i-a",
    state: "stopping",
    count: 5,
    none: null,
    flag: false,
    "source-ip": "10.0.0.33",
  },
};

const detail = (field: string, ...matchers: unknown[]) => ({ detail: { [field]: matchers } });

describe("an event matches", () => {
  it.each<[string, unknown]>([
    ["a literal", { source: ["aws.ec2"] }],
    ["any of several literals", detail("state", "stopped", "stopping")],
    ["every field of the pattern", { source: ["aws.ec2"], ...detail("state", "stopping") }],
    ["null where the value is null", detail("none", null)],
    ["a boolean", detail("flag", false)],
    ["a number", detail("count", 5.0)],
    ["an element of an array", { resources: [{ suffix: "instance/i-a" }] }],
    ["a prefix", detail("state", { prefix: "stop" })],
    ["a prefix whatever its case", detail("state", { prefix: { "equals-ignore-case": "STOP" } })],
    ["a suffix", detail("state", { suffix: "ing" })],
    ["a suffix whatever its case", detail("state", { suffix: { "equals-ignore-case": "PING" } })],
    ["equals-ignore-case", detail("state", { "equals-ignore-case": "STOPPING" })],
    ["anything but a string", detail("state", { "anything-but": "running" })],
    ["anything but a list", detail("state", { "anything-but": ["running", "pending"] })],
    ["anything but a number", detail("count", { "anything-but": 6 })],
    ["anything but a prefix", detail("state", { "anything-but": { prefix: "run" } })],
    ["anything but a list of prefixes", detail("state", { "anything-but": { prefix: ["run", "pend"] } })],
    ["anything but a suffix", detail("state", { "anything-but": { suffix: "ed" } })],
    [
      "anything but, whatever its case",
      detail("state", { "anything-but": { "equals-ignore-case": "RUNNING" } }),
    ],
    ["anything but a wildcard", detail("state", { "anything-but": { wildcard: "r*g" } })],
    ["a field that exists", detail("state", { exists: true })],
    ["a null that exists", detail("none", { exists: true })],
    ["a field that does not exist", detail("gone", { exists: false })],
    ["a missing field under a missing parent", { detail: { gone: { deeper: [{ exists: false }] } } }],
    ["a node that is no leaf, as absent", { detail: [{ exists: false }] }],
    ["numeric equality", detail("count", { numeric: ["=", 5] })],
    ["a numeric range", detail("count", { numeric: [">", 0, "<=", 5] })],
    ["an address in a CIDR", detail("source-ip", { cidr: "10.0.0.0/24" })],
    ["a wildcard", { resources: [{ wildcard: "arn:aws:ec2:*:*:instance/*" }] }],
    ["one branch of $or", { $or: [{ source: ["aws.s3"] }, detail("state", "stopping")] }],
    ["a field called $or that is no list of patterns", { detail: { $or: [{ exists: false }] } }],
  ])("%s", (_, pattern) => {
    expect(matchesPattern(pattern, stateChange)).toBe(true);
  });
});

describe("an event does not match", () => {
  it.each<[string, unknown]>([
    ["another literal", { source: ["aws.cloudwatch"] }],
    ["a literal in another case", detail("state", "Stopping")],
    ["a pattern of which one field differs", { source: ["aws.ec2"], ...detail("state", "running") }],
    ["a number given as a string", detail("count", "5")],
    ["a field that it lacks", detail("gone", "x")],
    ["anything-but where the field is missing", detail("gone", { "anything-but": "x" })],
    ["anything-but one of its list", detail("state", { "anything-but": ["stopping", "pending"] })],
    [
      "anything-but in another case",
      detail("state", { "anything-but": { "equals-ignore-case": "STOPPING" } }),
    ],
    ["exists false on a field that is there", detail("state", { exists: false })],
    ["exists true on a node that is no leaf", { detail: [{ exists: true }] }],
    ["a number outside the range", detail("count", { numeric: [">", 5, "<", 9] })],
    ["numeric on a string", detail("state", { numeric: [">", 0] })],
    ["an address outside the CIDR", detail("source-ip", { cidr: "10.0.1.0/24" })],
    ["CIDR on what is no address", detail("state", { cidr: "10.0.1.0/24" })],
    ["a wildcard that leaves a rest", detail("state", { wildcard: "stop*d" })],
    ["an escaped star, unless it is one", detail("state", { wildcard: "stop\\*" })],
    ["no branch of $or", { $or: [{ source: ["aws.s3"] }, detail("state", "running")] }],
    [
      "$or where the fields beside it differ",
      { source: ["x"], $or: [detail("count", 5), detail("count", 6)] },
    ],
  ])("%s", (_, pattern) => {
    expect(matchesPattern(pattern, stateChange)).toBe(false);
  });
});

it("compares each element of an array by itself, so that anything-but is satisfied by another element", () => {
  const pattern = { detail: { tags: [{ "anything-but": "a" }] } };
  expect(matchesPattern(pattern, { detail: { tags: ["a", "b"] } })).toBe(true);
  expect(matchesPattern(pattern, { detail: { tags: ["a"] } })).toBe(false);
  expect(matchesPattern({ detail: { tags: [{ exists: true }] } }, { detail: { tags: [] } })).toBe(false);
});

it("asks one and the same object of an array for everything that the pattern says of it", () => {
  const pattern = { detail: { checks: { name: ["system"], status: ["impaired"] } } };
  const checks = (system: string, instance: string) => [
    { name: "system", status: system },
    { name: "instance", status: instance },
  ];
  expect(matchesPattern(pattern, { detail: { checks: checks("impaired", "ok") } })).toBe(true);
  expect(matchesPattern(pattern, { detail: { checks: checks("ok", "impaired") } })).toBe(false);
});

describe("a pattern is refused", () => {
  it.each<[string, unknown, RegExp]>([
    ["that is empty", {}, /Empty objects/],
    ["that is a list", [], /not an object/],
    ["with a bare value", { source: "aws.ec2" }, /must be an object or an array/],
    ["with an empty list", { source: [] }, /Empty arrays/],
    ["with an unknown operator", { source: [{ startsWith: "aws" }] }, /Unrecognized match type startsWith/],
    ["with two operators in one element", { source: [{ prefix: "a", suffix: "b" }] }, /one operator/],
    ["with exists that is no boolean", { source: [{ exists: "yes" }] }, /true or false/],
    ["with a prefix that is no string", { source: [{ prefix: 1 }] }, /must be a string/],
    [
      "with an unknown operator in anything-but",
      { source: [{ "anything-but": { exists: true } }] },
      /Unsupported/,
    ],
    ["with a number range upside down", { n: [{ numeric: ["<", 5, ">", 1] }] }, /lower and an upper/],
    ["with a malformed CIDR", { n: [{ cidr: "10.0.0.0/33" }] }, /Malformed CIDR/],
    ["with two wildcards in a row", { n: [{ wildcard: "a**b" }] }, /Consecutive/],
  ])("%s", (_, pattern, reason) => {
    expect(() => matchesPattern(pattern, {})).toThrow(reason);
  });
});
