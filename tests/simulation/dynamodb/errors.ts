/** Errors of the DynamoDB stand-in, in the shape in which the SDK throws them: the code is the `name`. */

export class DynamoError extends Error {
  readonly $fault: "client" | "server";
  readonly $metadata: { readonly httpStatusCode: number; readonly attempts: number };

  constructor(name: string, message: string, status = 400) {
    super(message);
    this.name = name;
    this.$fault = status < 500 ? "client" : "server";
    this.$metadata = { httpStatusCode: status, attempts: 1 };
  }
}

export function validation(message: string): DynamoError {
  return new DynamoError("ValidationException", message);
}

export function conditionFailed(): DynamoError {
  return new DynamoError("ConditionalCheckFailedException", "The conditional request failed");
}
