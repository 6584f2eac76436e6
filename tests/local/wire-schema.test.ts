/** What the wire fronts rely on of the SDK's internal layout. An update that changes it must fail here first. */
import * as cloudwatch from "@aws-sdk/client-cloudwatch";
import * as ec2 from "@aws-sdk/client-ec2";
import { NormalizedSchema } from "@smithy/core/schema";
import { describe, expect, test } from "vitest";
import { Model } from "../../local/wire/schema.ts";

describe("an operation's schema", () => {
  test("is a tuple: 9, namespace, name, traits, input, output", () => {
    const schema = ec2.AttachNetworkInterface$ as unknown as unknown[];
    expect(schema.slice(0, 3)).toEqual([9, "com.amazonaws.ec2", "AttachNetworkInterface"]);
    expect(schema).toHaveLength(6);
  });

  test("is exported under the operation's name with a dollar sign, for every command", () => {
    for (const [sdk, exports] of Object.entries({ ec2, cloudwatch })) {
      const model = new Model(exports);
      const commands = Object.keys(exports).filter(
        (name) => /^[A-Z]\w+Command$/.test(name) && name !== "Command",
      );
      expect(commands.length, sdk).toBeGreaterThan(40);
      for (const command of commands) {
        const name = command.slice(0, -"Command".length);
        expect(model.operation(name)?.name, `${sdk} ${name}`).toBe(name);
      }
    }
  });
});

describe("a structure's schema", () => {
  const members = (schema: NormalizedSchema | undefined) =>
    Object.fromEntries([...(schema?.structIterator() ?? [])]);

  test("carries EC2's names: for the query, for the answer, and for list items", () => {
    const input = members(new Model(ec2).operation("DescribeNetworkInterfaces")?.input);
    expect(input.Filters?.getMemberTraits()).toMatchObject({ ec2QueryName: "Filter" });
    const output = members(new Model(ec2).operation("DescribeNetworkInterfaces")?.output);
    expect(output.NetworkInterfaces?.getMemberTraits().xmlName).toBe("networkInterfaceSet");
    expect(output.NetworkInterfaces?.getValueSchema().getMemberTraits().xmlName).toBe("item");
    const detach = members(new Model(ec2).operation("DetachNetworkInterface")?.input);
    expect(detach.AttachmentId?.getMemberTraits()).toMatchObject({
      ec2QueryName: "AttachmentId",
      xmlName: "attachmentId",
    });
  });

  test("begins with its required members and ends with their number", () => {
    const layout = (name: string) => {
      const schema = new Model(cloudwatch).operation(name)?.input.getSchema() as unknown as unknown[];
      return [(schema[4] as string[]).slice(0, Number(schema[6])), schema.length] as const;
    };
    expect(layout("SetAlarmState")).toEqual([["AlarmName", "StateValue", "StateReason"], 7]);
    expect(layout("PutCompositeAlarm")[0]).toEqual(["AlarmName", "AlarmRule"]);
    const detach = new Model(ec2)
      .operation("DetachNetworkInterface")
      ?.input.getSchema() as unknown as unknown[];
    expect(detach[6]).toBe(1);
  });

  test("tells types apart: timestamps, numbers, booleans, lists, structures", () => {
    const alarm = members(NormalizedSchema.of(cloudwatch.MetricAlarm$ as never));
    expect(alarm.StateUpdatedTimestamp?.isTimestampSchema()).toBe(true);
    expect(alarm.Threshold?.isNumericSchema()).toBe(true);
    expect(alarm.ActionsEnabled?.isBooleanSchema()).toBe(true);
    expect(alarm.Dimensions?.isListSchema()).toBe(true);
    expect(alarm.Dimensions?.getValueSchema().isStructSchema()).toBe(true);
  });

  test("is a unit where an operation has no output", () => {
    expect(new Model(ec2).operation("DetachNetworkInterface")?.output.isUnitSchema()).toBe(true);
    expect(new Model(cloudwatch).operation("PutMetricAlarm")?.output.isUnitSchema()).toBe(true);
  });
});

test("an error's schema carries the code that the query protocol had for it", () => {
  const model = new Model(cloudwatch);
  expect(model.errorShape("ValidationError")).toBe("ValidationException");
  expect(model.errorShape("MissingParameter")).toBe("MissingRequiredParameterException");
  expect(model.errorShape("ResourceNotFound")).toBe("ResourceNotFound");
  expect(model.errorShape("NoSuchCode")).toBe("NoSuchCode");
});

test("a name that is no operation is none", () => {
  for (const name of ["EC2Client", "MakeCoffee", "toString", "MetricAlarm", ""]) {
    expect(new Model(cloudwatch).operation(name)).toBeUndefined();
  }
});
