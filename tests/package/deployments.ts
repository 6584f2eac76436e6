/**
 * As much of CloudFormation, S3 and STS as `sls deploy` and `sls remove` ask of them: every change of the stack succeeds at once.
 * What was asked is kept, in order.
 */
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

const ACCOUNT = "123456789012";
const BUCKET = "deployments";

interface Asked {
  /** As a policy would call it: `cloudformation:CreateChangeSet`, `s3:PutObject`. */
  readonly action: string;
  /** What it is about: an object's path, or what of a change set. */
  readonly about: string;
}

interface Deployments {
  readonly endpoint: string;
  readonly asked: readonly Asked[];
  close(): Promise<void>;
}

export async function startDeployments(): Promise<Deployments> {
  const asked: Asked[] = [];
  const stack = new Stack();
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part) => parts.push(part));
    request.on("end", () => {
      const query = new URLSearchParams(Buffer.concat(parts).toString());
      const isQuery = request.headers["content-type"]?.includes("x-www-form-urlencoded") === true;
      const { status, body, ...one } = isQuery ? queried(stack, query) : objects(request);
      asked.push(one);
      response.writeHead(status, {
        "content-type": "text/xml",
        etag: '"1"',
        "x-amz-bucket-region": "eu-west-1",
      });
      response.end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** A stack, and the events of it, newest first. */
class Stack {
  name = "";
  status = "";
  events = "";
  #count = 0;

  get id(): string {
    return `arn:aws:cloudformation:eu-west-1:${ACCOUNT}:stack/${this.name}/1`;
  }

  /** Through all of a change, at once. */
  change(kind: string): void {
    for (const status of [`${kind}_IN_PROGRESS`, `${kind}_COMPLETE`]) {
      this.#count += 1;
      this.status = status;
      this.events = `<member><EventId>${this.#count}</EventId><StackId>${this.id}</StackId><StackName>${this.name}</StackName><LogicalResourceId>${this.name}</LogicalResourceId><PhysicalResourceId>${this.id}</PhysicalResourceId><ResourceType>AWS::CloudFormation::Stack</ResourceType><ResourceStatus>${status}</ResourceStatus><Timestamp>${new Date().toISOString()}</Timestamp></member>${this.events}`;
    }
  }
}

type Answered = Asked & { readonly status: number; readonly body: string };

function queried(stack: Stack, query: URLSearchParams): Answered {
  const action = query.get("Action") ?? "";
  const given = (name: string) => query.get(name) ?? "";
  const about = ["ChangeSetType", "TemplateURL", "Capabilities.member.1", "Capabilities.member.2"];
  const service = action === "GetCallerIdentity" ? "sts" : "cloudformation";
  const one = { action: `${service}:${action}`, about: about.map(given).filter(Boolean).join(" ") };
  const gone = stack.status === "" || stack.status === "DELETE_COMPLETE";
  if (gone && /^Describe(Stacks|StackResource)$/.test(action))
    return {
      ...one,
      status: 400,
      body: `<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>Stack with id ${given("StackName")} does not exist</Message></Error><RequestId>r</RequestId></ErrorResponse>`,
    };
  if (action === "CreateChangeSet" && stack.name === "") stack.name = given("StackName");
  if (action === "ExecuteChangeSet") stack.change(stack.status === "" ? "CREATE" : "UPDATE");
  if (action === "DeleteStack") stack.change("DELETE");
  const body = `<${action}Response><${action}Result>${resultOf(stack, action)}</${action}Result><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></${action}Response>`;
  return { ...one, status: 200, body };
}

function resultOf({ name, id, status, events }: Stack, action: string): string {
  switch (action) {
    case "GetCallerIdentity":
      return `<Arn>arn:aws:iam::${ACCOUNT}:user/u</Arn><UserId>u</UserId><Account>${ACCOUNT}</Account>`;
    case "DescribeStacks":
      return `<Stacks><member><StackName>${name}</StackName><StackId>${id}</StackId><CreationTime>2026-01-01T00:00:00Z</CreationTime><StackStatus>${status}</StackStatus></member></Stacks>`;
    case "CreateChangeSet":
      return `<Id>arn:aws:cloudformation:eu-west-1:${ACCOUNT}:changeSet/c/1</Id><StackId>${id}</StackId>`;
    case "DescribeChangeSet":
      return "<Status>CREATE_COMPLETE</Status><ExecutionStatus>AVAILABLE</ExecutionStatus>";
    case "DescribeStackEvents":
      return `<StackEvents>${events}</StackEvents>`;
    case "DescribeStackResource":
      return `<StackResourceDetail><LogicalResourceId>ServerlessDeploymentBucket</LogicalResourceId><PhysicalResourceId>${BUCKET}</PhysicalResourceId><ResourceType>AWS::S3::Bucket</ResourceType><LastUpdatedTimestamp>2026-01-01T00:00:00Z</LastUpdatedTimestamp><ResourceStatus>CREATE_COMPLETE</ResourceStatus></StackResourceDetail>`;
    default:
      return "";
  }
}

/** An empty bucket that takes everything, and no function yet. */
function objects(request: IncomingMessage): Answered {
  const { pathname, searchParams } = new URL(request.url ?? "", "http://aws");
  const about = decodeURIComponent(pathname);
  // Whether there are images to remove: whoever may not know has none.
  if (request.headers["x-amz-target"]?.includes("ContainerRegistry") === true)
    return {
      action: "ecr:DescribeRepositories",
      about,
      status: 400,
      body: '{"__type":"AccessDeniedException"}',
    };
  if (pathname.startsWith("/2015-03-31/functions/"))
    return { action: "lambda:GetFunction", about, status: 404, body: "" };
  if (request.method === "PUT") return { action: "s3:PutObject", about, status: 200, body: "" };
  if (request.method === "HEAD") return { action: "s3:ListBucket", about, status: 200, body: "" };
  if (searchParams.has("versions"))
    return {
      action: "s3:ListBucketVersions",
      about,
      status: 200,
      body: "<ListVersionsResult></ListVersionsResult>",
    };
  if (searchParams.has("list-type"))
    return { action: "s3:ListBucket", about, status: 200, body: "<ListBucketResult></ListBucketResult>" };
  return { action: `${request.method} ${request.url}`, about, status: 404, body: "" };
}
