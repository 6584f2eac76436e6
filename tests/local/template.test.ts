/** Goal: templates resolve as CloudFormation resolves them, and what can't be is told all at once. Method: small templates. */
import { describe, expect, it } from "vitest";
import { resolveTemplate } from "../../local/template/resolution.ts";
import { type Json, type Template, TemplateError } from "../../local/template/template.ts";

const where = {
  account: "123456789012",
  region: "eu-west-1",
  endpoint: "http://cloud",
  stackName: "app-dev",
};

const SCENE: Template = {
  Parameters: { Stage: { Default: "dev" }, Zones: { Type: "CommaDelimitedList", Default: "a,b" }, Empty: {} },
  Mappings: { Sizes: { dev: { memory: 256 } } },
  Conditions: {
    IsDev: { "Fn::Equals": [{ Ref: "Stage" }, "dev"] },
    IsProd: { "Fn::Not": [{ Condition: "IsDev" }] },
    Both: { "Fn::And": [{ Condition: "IsDev" }, { Condition: "IsProd" }] },
    Either: { "Fn::Or": [{ Condition: "IsDev" }, { Condition: "IsProd" }] },
  },
  Resources: {
    Dead: { Type: "AWS::SQS::Queue", Properties: { QueueName: { "Fn::Sub": `dead-\${Stage}` } } },
    Told: { Type: "AWS::SNS::Topic", Properties: { TopicName: "told" } },
    Table: { Type: "AWS::DynamoDB::Table", Properties: { TableName: "state" } },
    Mover: { Type: "AWS::IAM::Role", Properties: { RoleName: "mover" } },
    Unnamed: { Type: "AWS::Lambda::Function" },
    OnlyProd: { Type: "AWS::SQS::Queue", Condition: "IsProd" },
  },
};

/** The scene with a resource whose one property is `value`, resolved. */
function resolved(value: Json): unknown {
  const Resources = { ...SCENE.Resources, It: { Type: "AWS::Logs::LogGroup", Properties: { Value: value } } };
  const { resources } = resolveTemplate({ ...SCENE, Resources }, where);
  return resources.find(({ logicalId }) => logicalId === "It")?.properties.Value;
}

function problems(template: Template): readonly string[] {
  try {
    resolveTemplate(template, where);
    return [];
  } catch (error) {
    if (error instanceof TemplateError) return error.problems;
    throw error;
  }
}

describe("an intrinsic function", () => {
  it.each<[string, Json, unknown]>([
    ["Ref of a parameter", { Ref: "Stage" }, "dev"],
    ["Ref of a list", { Ref: "Zones" }, ["a", "b"]],
    ["Ref of a pseudo parameter", { Ref: "AWS::AccountId" }, "123456789012"],
    ["Ref of a table is its name", { Ref: "Table" }, "state"],
    ["Ref of a queue is its URL", { Ref: "Dead" }, "http://cloud/123456789012/dead-dev"],
    ["Ref of a topic is its ARN", { Ref: "Told" }, "arn:aws:sns:eu-west-1:123456789012:told"],
    ["GetAtt of a role", { "Fn::GetAtt": ["Mover", "Arn"] }, "arn:aws:iam::123456789012:role/mover"],
    ["GetAtt as a string", { "Fn::GetAtt": "Dead.QueueName" }, "dead-dev"],
    [
      "Sub of names and attributes",
      { "Fn::Sub": `\${AWS::Region}/\${Table}/\${Mover.Arn}` },
      "eu-west-1/state/arn:aws:iam::123456789012:role/mover",
    ],
    ["Sub with names of its own", { "Fn::Sub": [`\${A}-\${Stage}`, { A: { Ref: "Table" } }] }, "state-dev"],
    ["Sub leaves literals", { "Fn::Sub": `\${!Literal} \${Stage}` }, `\${Literal} dev`],
    ["Join", { "Fn::Join": ["/", ["a", { Ref: "Stage" }, { "Fn::Join": [":", ["b", "c"]] }]] }, "a/dev/b:c"],
    ["Select", { "Fn::Select": ["1", { Ref: "Zones" }] }, "b"],
    ["Split", { "Fn::Split": [",", "a,b"] }, ["a", "b"]],
    ["FindInMap", { "Fn::FindInMap": ["Sizes", { Ref: "Stage" }, "memory"] }, 256],
    ["GetAZs", { "Fn::GetAZs": "" }, ["eu-west-1a", "eu-west-1b", "eu-west-1c"]],
    ["Base64", { "Fn::Base64": "ab" }, "YWI="],
    ["If that holds", { "Fn::If": ["IsDev", 1, 2] }, 1],
    [
      "If that does not, without a look at the other branch",
      { "Fn::If": ["IsProd", { Ref: "OnlyProd" }, 2] },
      2,
    ],
    ["And", { "Fn::If": ["Both", 1, 2] }, 2],
    ["Or", { "Fn::If": ["Either", 1, 2] }, 1],
    ["NoValue takes its property away", { a: { Ref: "AWS::NoValue" }, b: 1 }, { b: 1 }],
    ["NoValue takes its element away", [{ Ref: "AWS::NoValue" }, 1], [1]],
    ["keys of plain objects are none", { Ref: "Stage", other: 1 }, { Ref: "Stage", other: 1 }],
  ])("%s", (_, value, expected) => {
    expect(resolved(value)).toEqual(expected);
  });
});

describe("a resource", () => {
  it("without a name gets one as CloudFormation makes it, the same every time", () => {
    const nameOf = () =>
      resolveTemplate(SCENE, where).resources.find(({ logicalId }) => logicalId === "Unnamed")?.name;
    expect(nameOf()).toMatch(/^app-dev-Unnamed-[0-9A-F]{12}$/);
    expect(nameOf()).toBe(nameOf());
  });

  it("whose condition does not hold is not there", () => {
    const ids = (stage: string) => {
      const { resources } = resolveTemplate(SCENE, { ...where, parameters: { Stage: stage } });
      return resources.map(({ logicalId }) => logicalId);
    };
    expect(ids("dev")).not.toContain("OnlyProd");
    expect(ids("prod")).toContain("OnlyProd");
  });
});

it("outputs are resolved", () => {
  const Outputs = { Table: { Value: { Ref: "Table" } }, Prod: { Value: "x", Condition: "IsProd" } };
  expect(resolveTemplate({ ...SCENE, Outputs }, where).outputs).toEqual({ Table: "state" });
});

it("every problem is told at once, with the place that has it", () => {
  const Resources = {
    Bucket: {
      Type: "AWS::S3::Bucket",
      Properties: { BucketName: { "Fn::Sub": `\${Stage}-\${Nothing}` } },
    },
    Machine: { Type: "AWS::EC2::Instance" },
    Logs: {
      Type: "AWS::Logs::LogGroup",
      Properties: {
        A: { Ref: "Gone" },
        B: [{ "Fn::GetAtt": ["Bucket", "Colour"] }, { Ref: "Machine" }],
        C: { "Fn::ImportValue": "x" },
        D: { "Fn::If": ["Never", 1, 2] },
        E: { "Fn::Select": [7, ["a"]] },
        F: { "Fn::Join": "," },
        G: { Ref: "Empty" },
      },
    },
  };
  expect([...problems({ ...SCENE, Resources })].sort()).toEqual([
    "Bucket.BucketName.Fn::Sub: there is no Nothing",
    "Logs.A.Ref: there is no Gone",
    "Logs.B[0].Fn::GetAtt: there is no Bucket.Colour",
    "Logs.C: Fn::ImportValue is not emulated",
    "Logs.D.Fn::If: there is no condition Never",
    "Logs.E.Fn::Select: there is no element 7",
    "Logs.F.Fn::Join: its argument is not what the function takes",
    "Logs.G.Ref: there is no Empty",
    "Machine: AWS::EC2::Instance is not a kind of resource that can be deployed here",
  ]);
});

it("a name that refers to itself is told, and not followed for ever", () => {
  const QueueName = { "Fn::GetAtt": ["Q", "QueueName"] };
  expect(problems({ Resources: { Q: { Type: "AWS::SQS::Queue", Properties: { QueueName } } } })).toContain(
    "Q.QueueName: it refers to itself",
  );
});
