/** Where a template is deployed to: the services of the cloud that its resources become part of. */
import type { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Bus } from "../events/bus.ts";
import type { Permissions } from "../iam/permissions.ts";
import type { Lambda } from "../lambda/lambda.ts";
import type { Destinations } from "../messages/destinations.ts";
import type { Sqs } from "../messages/sqs.ts";
import type { Topic } from "../messages/topics.ts";
import type { Where } from "./kinds.ts";
import type { Resource } from "./template.ts";

export interface Site {
  readonly where: Where;
  readonly permissions: Permissions;
  readonly lambda: Lambda;
  readonly bus: Bus;
  readonly sqs: Sqs;
  /** By ARN. */
  readonly topics: Map<string, Topic>;
  readonly destinations: Destinations;
  /** Administrator's clients: tables and alarms are made through the wire, as CloudFormation makes them. */
  readonly cloudwatch: Pick<CloudWatchClient, "send">;
  readonly dynamodb: Pick<DynamoDBClient, "send">;
  /** Folder of the packaged functions' zips, and one to unzip them to. */
  readonly packageDirectory: string;
  readonly codeDirectory: string;
}

/** The resources of one kind, in the order of the template. */
export function ofKind(resources: readonly Resource[], type: string): Resource[] {
  return resources.filter((resource) => resource.type === type);
}

/**
 * The properties of a resource in the shape that its kind documents. Whether they have it is the business of the checks
 * against CloudFormation's schemas; what is read here is guarded where a wrong value would go unnoticed.
 */
export function propertiesOf<T>(resource: Resource): T {
  return resource.properties as T;
}
