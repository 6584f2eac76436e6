/** What this project is made of: exact versions, licences, a reason for each package, and a bill of materials. */
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { validate } from "../local/iam/validate.ts";
import { ROOT } from "./package/sls.ts";

const read = (name: string) => readFileSync(path.join(ROOT, name), "utf8");

interface Package {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly license?: string;
  readonly dev?: true;
}

const manifest = JSON.parse(read("package.json"));
const direct: Record<string, string> = { ...manifest.dependencies, ...manifest.devDependencies };
const locked = Object.entries<Package>(JSON.parse(read("package-lock.json")).packages).filter(
  ([name]) => name !== "",
);

/** Of what is packaged, or could be. */
const FREE = ["0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MIT-0"];
/** Of tools, besides: nothing that reaches for what is made with them. */
const TOOLS = [...FREE, "MPL-2.0", "PSF-2.0", "Python-2.0", "MIT OR Apache-2.0"];

describe("the lockfile", () => {
  it("has exact versions of what is asked for, and hashes, and names no registry", () => {
    const loose = Object.entries(direct).filter(
      ([, version]) => !/^(npm:\w+@)?\d+\.\d+\.\d+(-\w+)?$/.test(version),
    );
    expect(loose).toEqual([]);
    const unhashed = locked.filter(([, { integrity }]) => integrity === undefined).map(([name]) => name);
    expect(unhashed).toEqual([]);
    expect(locked.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
  });

  it("has only licences that a product can be made with", () => {
    const unwanted = locked
      .filter(([, { license = "none", dev }]) => !(dev ? TOOLS : FREE).includes(license))
      .map(([name, { license }]) => `${name}: ${license}`);
    expect(unwanted).toEqual([]);
  });
});

it("every package that is asked for has its reason in decision 0007", () => {
  const decision = read("docs/decisions/0007-tools-and-libraries.md");
  expect(Object.keys(direct).filter((name) => !decision.includes(`\`${name}\``))).toEqual([]);
});

it("npm run sbom lists every package of the lockfile, and which are for development", async () => {
  const { stdout } = await promisify(execFile)("npm", ["run", "--silent", "sbom"], {
    cwd: ROOT,
    maxBuffer: 64 * 1024 * 1024,
  });
  interface Component {
    readonly name: string;
    readonly properties?: readonly { readonly name: string }[];
  }
  const { bomFormat, components }: { bomFormat: string; components: Component[] } = JSON.parse(stdout);
  expect(bomFormat).toBe("CycloneDX");
  const development = ({ properties = [] }: Component) =>
    properties.some(({ name }) => name === "cdx:npm:package:development");
  const named = components.filter((one) => !development(one)).map(({ name }) => name);
  expect(named).toEqual(expect.arrayContaining(Object.keys(manifest.dependencies)));
  expect(components.length).toBeGreaterThan(named.length);
});

describe("the workflows", () => {
  const workflows = readdirSync(path.join(ROOT, ".github/workflows"));

  it.each(workflows)("%s names every action by its commit, and may write no code", (name) => {
    const text = read(`.github/workflows/${name}`);
    const used = [...text.matchAll(/uses: (\S+)/g)].map(([, action]) => action);
    expect(used.length).toBeGreaterThan(0);
    expect(used.filter((action) => !/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/.test(action ?? ""))).toEqual([]);
    expect(parse(text).permissions).toMatchObject({ contents: "read" });
  });

  it("run every script that they name", () => {
    const scripts = workflows.flatMap((name) =>
      [...read(`.github/workflows/${name}`).matchAll(/npm run (?:--silent )?([\w:]+)/g)].map(
        ([, script = ""]) => script,
      ),
    );
    expect(scripts.filter((script) => !(script in manifest.scripts))).toEqual([]);
  });
});

it("the policy to deploy with names actions that exist, on what can be named", async () => {
  expect(await validate(JSON.parse(read("docs/deploy-policy.json")))).toEqual([]);
});
