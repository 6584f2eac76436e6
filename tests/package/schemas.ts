/** CloudFormation's own resource schemas, which a package carries: what they find in a template is what a deployment would fail on. */
import cloudformation from "@aws/cloudformation-validate";

/** What would fail a deployment, as `F3002 …`, in each of the files. */
export function grave(files: readonly string[]): string[][] {
  const validator = new cloudformation.SchemaValidator();
  try {
    return files.map((file) =>
      validator
        .validate(new cloudformation.TemplateFile(file), "eu-west-1")
        // W3030, a value outside of its enumeration, would fail it as surely as an error.
        .filter(({ severity, ruleId }) => ["FATAL", "ERROR"].includes(severity) || ruleId === "W3030")
        .map(({ ruleId, message }) => `${ruleId} ${message}`),
    );
  } finally {
    validator.free();
  }
}
