/** STS, as far as tools ask who they are: GetCallerIdentity. */
import { AwsError } from "../aws-error.ts";
import { parametersOf } from "./parameters.ts";
import type { RawHandler, RawRequest } from "./raw-backend.ts";
import { xmlText } from "./xml.ts";

/** Answers GetCallerIdentity for the principal behind the key. */
export function sts(account: string): RawHandler {
  return (request: RawRequest) => {
    const action = parametersOf(request).get("Action") ?? "";
    if (action !== "GetCallerIdentity") {
      throw new AwsError("InvalidAction", `Could not find operation ${action} for version 2011-06-15`);
    }
    const { principalArn, accessKeyId } = request.caller;
    const userId = xmlText("UserId", accessKeyId.replace(/^ASIA/, "AROA"));
    const result = xmlText("Arn", principalArn) + userId + xmlText("Account", account);
    const metadata = `<ResponseMetadata>${xmlText("RequestId", request.requestId)}</ResponseMetadata>`;
    const inner = `<GetCallerIdentityResult>${result}</GetCallerIdentityResult>${metadata}`;
    const namespace = "https://sts.amazonaws.com/doc/2011-06-15/";
    return {
      status: 200,
      headers: { "content-type": "text/xml", "x-amzn-requestid": request.requestId },
      body: `<GetCallerIdentityResponse xmlns="${namespace}">${inner}</GetCallerIdentityResponse>`,
    };
  };
}
