/** What the doctor remembers of a group, and what of it is news. */
import { describe, expect, it } from "vitest";
import type { Check, Finding } from "../../shared/core/finding.ts";
import { examinationDue, withFindings } from "../../shared/core/finding-changes.ts";
import type { State } from "../../shared/core/model.ts";
import { HOUR, intentTo, NOW, stateOf } from "./scene.ts";

const DAY = 24 * HOUR;

describe("a group is looked at", () => {
  const examined = { at: NOW - DAY, found: [] };
  const late = { examined: { at: NOW - DAY + 1, found: [] } };
  it.each<{ name: string; state: Partial<State>; due: boolean }>([
    { name: "once", state: {}, due: true },
    { name: "a day after the last time", state: { examined }, due: true },
    { name: "not sooner", state: late, due: false },
    {
      name: "not while a move stands in the record",
      state: { examined, intent: intentTo("m2") },
      due: false,
    },
    { name: "not while somebody is at work", state: { lease: { holder: "h", until: NOW + 1 } }, due: false },
    { name: "again when his lease has run out", state: { lease: { holder: "h", until: NOW } }, due: true },
  ])("$name: $due", ({ state, due }) => {
    expect(examinationDue(stateOf(state), NOW)).toBe(due);
  });
});

describe("a finding", () => {
  const finding = (check: Check, subject: string, severity: Finding["severity"] = "warning"): Finding => ({
    check,
    severity,
    group: "nat-a",
    subject,
    means: `${subject} is wrong.`,
    mend: "npx sls deploy",
  });
  const known = (...found: readonly Finding[]): State => {
    const kept = found.map(({ check, severity, subject }) => ({ check, severity, subject }));
    return stateOf({ version: 7, epoch: 3, examined: { at: NOW - DAY, found: kept } });
  };
  const look = (state: State, ...findings: readonly Finding[]) => {
    const { state: after, changes, message } = withFindings(state, "nat-a", findings, NOW);
    return {
      remembered: after.examined?.found.map(({ check, subject }) => `${check} ${subject}`),
      changes: changes.map(({ change, finding: { check, subject } }) => `${change} ${check} ${subject}`),
      after,
      message,
    };
  };
  const zone = finding("member-zone", "m2");
  const slot = finding("member-no-slot", "m2");
  const other = finding("member-zone", "m3");

  it.each<{ name: string; before: readonly Finding[]; now: readonly Finding[]; changes: readonly string[] }>([
    { name: "of which nobody knew is new", before: [], now: [zone], changes: ["new member-zone m2"] },
    { name: "that is known is no news", before: [zone], now: [zone], changes: [] },
    { name: "that is not there any more is gone", before: [zone], now: [], changes: ["gone member-zone m2"] },
    {
      name: "is another one about another subject",
      before: [zone],
      now: [other],
      changes: ["new member-zone m3", "gone member-zone m2"],
    },
    {
      name: "is another one of another check",
      before: [zone],
      now: [slot],
      changes: ["new member-no-slot m2", "gone member-zone m2"],
    },
    {
      name: "stays beside one that goes",
      before: [zone, slot, other],
      now: [slot],
      changes: ["gone member-zone m2", "gone member-zone m3"],
    },
  ])("$name", ({ before, now, changes }) => {
    const is = look(known(...before), ...now);
    expect(is.changes).toEqual(changes);
    expect(is.remembered).toEqual(now.map(({ check, subject }) => `${check} ${subject}`));
    expect(is.after.examined?.at).toBe(NOW);
  });

  it.each<Check>(["unread", "record-unread"])("is not gone while something is %s", (check) => {
    const blind = look(known(zone, slot), zone, finding(check, "x"));
    expect(blind.changes).toEqual([`new ${check} x`]);
    expect(blind.remembered).toEqual(["member-zone m2", "member-no-slot m2", `${check} x`]);
  });

  it("that is new, or gone, is told in the history, each with its own key", () => {
    const { after, message } = look(known(zone), slot, other);
    expect(message).toBe("The doctor finds 2 new, and 1 gone.");
    const said = { at: NOW, kind: "finding", because: "doctor", epoch: 3 };
    expect(Object.values(after.outbox)).toEqual([
      {
        ...said,
        sequence: "v7.1",
        message: "m2 is wrong.",
        finding: {
          change: "new",
          check: "member-no-slot",
          severity: "warning",
          subject: "m2",
          mend: "npx sls deploy",
        },
      },
      {
        ...said,
        sequence: "v7.2",
        message: "m3 is wrong.",
        finding: {
          change: "new",
          check: "member-zone",
          severity: "warning",
          subject: "m3",
          mend: "npx sls deploy",
        },
      },
      {
        ...said,
        sequence: "v7.3",
        message: "member-zone (m2) is gone.",
        finding: { change: "gone", check: "member-zone", severity: "warning", subject: "m2" },
      },
    ]);
  });
});
