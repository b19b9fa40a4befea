import { assert, assertEquals } from "@std/assert";
import { workflowFaults } from "../support/workflow.ts";

const ROOT = decodeURIComponent(new URL("../../", import.meta.url).pathname);
const FOLDER = `${ROOT}.github/workflows/`;

Deno.test("workflows pin everything they run, and build nothing in the job with the publishing token", () => {
  const files = [...Deno.readDirSync(FOLDER)].map(({ name }) => name);
  assert(files.includes("publish.yml"));
  for (const file of files) assertEquals(workflowFaults(Deno.readTextFileSync(FOLDER + file)), [], file);
});

Deno.test("only one job has the token, and it gets the bundle from a job without it", () => {
  const text = Deno.readTextFileSync(`${FOLDER}publish.yml`);
  assertEquals(text.match(/id-token: write/g)?.length, 1);
  assert(text.indexOf("deno task bundle") < text.indexOf("upload-artifact@"));
  assert(text.indexOf("upload-artifact@") < text.indexOf("id-token: write"));
  assert(text.indexOf("id-token: write") < text.indexOf("download-artifact@"));
});

Deno.test("Python packages are pinned by hash", () => {
  for (const file of ["tools/bundle/requirements.txt", "tools/nats/requirements.txt"]) {
    const text = Deno.readTextFileSync(ROOT + file).replace(/^#.*$/gm, "");
    for (const requirement of text.replaceAll("\\\n", "").trim().split("\n")) {
      assert(/^[\w-]+==[\d.]+(?:\s+--hash=sha256:[\da-f]{64})+$/.test(requirement), `${file}: ${requirement}`);
    }
  }
});

Deno.test("violations in workflows are found", () => {
  const commit = "d23441a48e516b6c34aea4fa41551a30e30af803";
  const good = `
permissions: { contents: read }
jobs:
  publish:
    permissions: { contents: read, id-token: write }
    steps:
      - uses: actions/checkout@${commit} # v6.1.0
      - run: deno publish --no-check
`;
  assertEquals(workflowFaults(good), []);
  const cases: [from: string | RegExp, to: string, fault: string][] = [
    [`@${commit} # v6.1.0`, "@v6", "publish: actions/checkout@v6 is not pinned by commit"],
    [" # v6.1.0", "", `publish: actions/checkout@${commit} has no version`],
    ["actions/checkout", "other/action", `publish: other/action@${commit} runs beside the token`],
    ["deno publish --no-check", "deno task bundle", "publish: it runs beside the token: deno task bundle"],
    ["--no-check", "&& cargo build", "publish: it runs beside the token: deno publish && cargo build"],
    ["permissions: { contents: read }\n", "", "the workflow's own permissions are not read-only"],
    ["{ contents: read }", "write-all", "the workflow's own permissions are not read-only"],
  ];
  for (const [from, to, fault] of cases) assertEquals(workflowFaults(good.replace(from, to)), [fault]);
  const withoutToken = good.replace("id-token: write", "id-token: none");
  for (
    const [command, fault] of [
      ["python3 -m pip install ziglang==0.17.1", "pip without hashes"],
      ["rustup target add x86_64-unknown-linux-gnu", "the version of Rust is not pinned"],
      ["rustup toolchain install stable", "the version of Rust is not pinned"],
    ]
  ) {
    const text = withoutToken.replace("deno publish --no-check", command);
    assertEquals(workflowFaults(text), [`publish: ${fault}: ${command}`]);
  }
});
