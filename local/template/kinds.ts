/**
 * The kinds of resources that can be deployed: which property names one, and what Ref and Fn::GetAtt answer.
 * Source: CloudFormation template reference, "Return values" of each kind.
 */

export interface Where {
  readonly account: string;
  readonly region: string;
  readonly endpoint: string;
}

export interface Kind {
  /** The property that gives the physical name; undefined where the kind has none. */
  readonly named?: string;
  /** Of a resource with a name; left out where Fn::GetAtt knows no Arn. */
  readonly arn?: (name: string, where: Where) => string;
  /** What Ref answers, where that is not the name. */
  readonly ref?: "arn" | ((name: string, where: Where) => string);
  /** Attributes beside Arn. */
  readonly attributes?: Readonly<Record<string, (name: string, where: Where) => string>>;
  /** Taken note of, and otherwise nothing. */
  readonly notEmulated?: true;
}

const arn =
  (service: string, prefix: string) =>
  (name: string, { region, account }: Where) =>
    `arn:aws:${service}:${region}:${account}:${prefix}${name}`;

const noted = (kind: Omit<Kind, "notEmulated"> = {}): Kind => ({ ...kind, notEmulated: true });

const bucketArn = (name: string) => `arn:aws:s3:::${name}`;
const queueUrl = (name: string, { endpoint, account }: Where) => `${endpoint}/${account}/${name}`;

export const KINDS: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ["AWS::Lambda::Function", { named: "FunctionName", arn: arn("lambda", "function:") }],
  ["AWS::Lambda::Permission", {}],
  ["AWS::Lambda::EventInvokeConfig", {}],
  ["AWS::Lambda::Version", noted({ attributes: { Version: () => "1" } })],
  ["AWS::Lambda::Alias", noted()],
  [
    "AWS::IAM::Role",
    { named: "RoleName", arn: (name, { account }) => `arn:aws:iam::${account}:role/${name}` },
  ],
  ["AWS::IAM::Policy", { named: "PolicyName" }],
  [
    "AWS::IAM::ManagedPolicy",
    {
      named: "ManagedPolicyName",
      arn: (name, { account }) => `arn:aws:iam::${account}:policy/${name}`,
      ref: "arn",
    },
  ],
  ["AWS::DynamoDB::Table", { named: "TableName", arn: arn("dynamodb", "table/") }],
  ["AWS::CloudWatch::Alarm", { named: "AlarmName", arn: arn("cloudwatch", "alarm:") }],
  ["AWS::CloudWatch::CompositeAlarm", { named: "AlarmName", arn: arn("cloudwatch", "alarm:") }],
  ["AWS::Events::Rule", { named: "Name", arn: arn("events", "rule/") }],
  [
    "AWS::SQS::Queue",
    {
      named: "QueueName",
      arn: arn("sqs", ""),
      ref: queueUrl,
      attributes: { QueueName: (name) => name, QueueUrl: queueUrl },
    },
  ],
  ["AWS::SQS::QueuePolicy", {}],
  [
    "AWS::SNS::Topic",
    {
      named: "TopicName",
      arn: arn("sns", ""),
      ref: "arn",
      attributes: { TopicArn: arn("sns", ""), TopicName: (name) => name },
    },
  ],
  ["AWS::SNS::Subscription", {}],
  ["AWS::SNS::TopicPolicy", {}],
  [
    "AWS::Logs::LogGroup",
    noted({ named: "LogGroupName", arn: (name, where) => `${arn("logs", "log-group:")(name, where)}:*` }),
  ],
  ["AWS::Logs::MetricFilter", noted()],
  ["AWS::Logs::QueryDefinition", noted()],
  ["AWS::CloudWatch::Dashboard", noted({ named: "DashboardName" })],
  ["AWS::S3::Bucket", noted({ named: "BucketName", arn: bucketArn })],
  ["AWS::S3::BucketPolicy", noted()],
]);
