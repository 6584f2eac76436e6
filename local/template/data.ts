/** AWS::DynamoDB::Table and the alarms of CloudWatch: made by ordinary calls, as CloudFormation makes them. */
import {
  PutCompositeAlarmCommand,
  type PutCompositeAlarmCommandInput,
  PutMetricAlarmCommand,
  type PutMetricAlarmCommandInput,
} from "@aws-sdk/client-cloudwatch";
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  type TimeToLiveSpecification,
  UpdateContinuousBackupsCommand,
  UpdateTimeToLiveCommand,
} from "@aws-sdk/client-dynamodb";
import { ofKind, propertiesOf, type Site } from "./site.ts";
import type { Resource } from "./template.ts";

/** The properties are CreateTable's input, but for those whose names CloudFormation chose itself. */
type TableProperties = Omit<CreateTableCommandInput, "TableName" | "SSESpecification"> & {
  readonly TimeToLiveSpecification?: TimeToLiveSpecification;
  readonly PointInTimeRecoverySpecification?: { readonly PointInTimeRecoveryEnabled: boolean };
  readonly SSESpecification?: { readonly SSEEnabled?: boolean };
};

/** Creates every table and waits until it is active. */
export async function installTables(resources: readonly Resource[], { dynamodb }: Site): Promise<void> {
  for (const table of ofKind(resources, "AWS::DynamoDB::Table")) {
    const {
      TimeToLiveSpecification: ttl,
      PointInTimeRecoverySpecification: recovery,
      SSESpecification: _encrypted,
      DeletionProtectionEnabled: _protected,
      ...input
    } = propertiesOf<TableProperties>(table);
    const TableName = table.name;
    await dynamodb.send(new CreateTableCommand({ ...input, TableName }));
    while ((await dynamodb.send(new DescribeTableCommand({ TableName }))).Table?.TableStatus !== "ACTIVE") {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    if (ttl !== undefined) {
      await dynamodb.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification: ttl }));
    }
    if (recovery !== undefined) {
      await dynamodb.send(
        new UpdateContinuousBackupsCommand({ TableName, PointInTimeRecoverySpecification: recovery }),
      );
    }
  }
}

/** Puts every alarm; composite ones last, for they name others. */
export async function installAlarms(resources: readonly Resource[], { cloudwatch }: Site): Promise<void> {
  for (const alarm of ofKind(resources, "AWS::CloudWatch::Alarm")) {
    const properties = propertiesOf<PutMetricAlarmCommandInput>(alarm);
    await cloudwatch.send(new PutMetricAlarmCommand({ ...properties, AlarmName: alarm.name }));
  }
  for (const alarm of ofKind(resources, "AWS::CloudWatch::CompositeAlarm")) {
    const properties = propertiesOf<PutCompositeAlarmCommandInput>(alarm);
    await cloudwatch.send(new PutCompositeAlarmCommand({ ...properties, AlarmName: alarm.name }));
  }
}
