/** Goal: queues answer as SQS does. Method: its operations, called as the front calls them. */
import { beforeEach, describe, expect, it } from "vitest";
import { Queue } from "../../local/messages/queues.ts";
import { Sqs } from "../../local/messages/sqs.ts";

const QueueUrl = "http://cloud/123456789012/dead";
let sqs: Sqs;

beforeEach(() => {
  sqs = new Sqs(() => "http://cloud");
  sqs.queues.set("dead", new Queue("dead", { account: "123456789012", region: "eu-west-1" }));
});

const call = (operation: string, input: object = {}) =>
  sqs.call(operation, { QueueUrl, ...input }) as Promise<Record<string, unknown>>;

interface Received {
  readonly Body: string;
  readonly MD5OfBody: string;
  readonly ReceiptHandle: string;
  readonly Attributes: Readonly<Record<string, string>>;
}
const receive = async (input: object = {}) =>
  ((await call("ReceiveMessage", input)).Messages ?? []) as readonly Received[];

const counts = async () => {
  const names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"];
  const { Attributes } = await call("GetQueueAttributes", { AttributeNames: names });
  return Object.values(Attributes as Record<string, string>);
};

describe("a message", () => {
  it("that was received is hidden from others until its time is over", async () => {
    await call("SendMessage", { MessageBody: "one" });
    const [message] = await receive({ VisibilityTimeout: 0.02 });
    expect(message).toMatchObject({ Body: "one", MD5OfBody: "f97c5d29941bfb1b2fdab0874906ab82" });
    expect(await receive()).toEqual([]);
    expect(await counts()).toEqual(["0", "1"]);
    await new Promise((resolve) => setTimeout(resolve, 30));
    const [again] = await receive();
    expect(again?.Attributes.ApproximateReceiveCount).toBe("2");
  });

  it("is gone once it was deleted, and only by the receipt of its last receiver", async () => {
    await call("SendMessage", { MessageBody: "one" });
    const [first] = await receive({ VisibilityTimeout: 0 });
    const [second] = await receive();
    await call("DeleteMessage", { ReceiptHandle: first?.ReceiptHandle });
    expect(await counts()).toEqual(["0", "1"]);
    await call("DeleteMessage", { ReceiptHandle: second?.ReceiptHandle });
    expect(await counts()).toEqual(["0", "0"]);
  });

  it("can be given back at once", async () => {
    await call("SendMessage", { MessageBody: "one" });
    const [message] = await receive();
    await call("ChangeMessageVisibility", { ReceiptHandle: message?.ReceiptHandle, VisibilityTimeout: 0 });
    expect(await receive()).toHaveLength(1);
  });

  it("is waited for", async () => {
    const waiting = receive({ WaitTimeSeconds: 5 });
    await call("SendMessage", { MessageBody: "late" });
    expect((await waiting).map(({ Body }) => Body)).toEqual(["late"]);
  });
});

it.each<[string, string, object, string]>([
  ["a queue that is not there", "PurgeQueue", { QueueUrl: "http://cloud/1/no" }, "QueueDoesNotExist"],
  ["more than ten at a time", "ReceiveMessage", { MaxNumberOfMessages: 11 }, "InvalidParameterValue"],
  ["a message without a body", "SendMessage", {}, "MissingParameter"],
  [
    "a receipt that is none",
    "ChangeMessageVisibility",
    { ReceiptHandle: "x", VisibilityTimeout: 1 },
    "ReceiptHandleIsInvalid",
  ],
  ["what is not emulated", "AddPermission", {}, "UnsupportedOperation"],
])("%s is refused", async (_, operation, input, code) => {
  await expect(call(operation, input)).rejects.toMatchObject({ code });
});

it("queues are listed, and permission is asked for the queue that is meant", async () => {
  expect(await call("ListQueues", { QueueNamePrefix: "de" })).toEqual({ QueueUrls: [QueueUrl] });
  expect(sqs.access("SendMessage", { QueueUrl })).toEqual([
    { action: "sqs:SendMessage", resource: "arn:aws:sqs:eu-west-1:123456789012:dead", keys: {} },
  ]);
});
