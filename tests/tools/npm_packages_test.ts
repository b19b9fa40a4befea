import { assert, assertEquals } from "@std/assert";

const ROOT = decodeURIComponent(new URL("../../", import.meta.url).pathname);
/** Imports of npm packages, in code as in configurations. */
const SPECIFIER = /["']npm:(?<name>(?:@[\w.-]+\/)?[\w.-]+)(?<version>@[^/"']+)?[^"']*["']/g;

interface Use {
  readonly file: string;
  readonly name: string;
  readonly version: string;
}

const { stdout } = await new Deno.Command("git", { args: ["ls-files", "*.ts", "*deno.json"], cwd: ROOT }).output();
const uses: Use[] = new TextDecoder().decode(stdout).trim().split("\n").flatMap((file) =>
  [...Deno.readTextFileSync(ROOT + file).matchAll(SPECIFIER)].map(({ groups }) => (
    { file, name: groups!.name, version: groups!.version?.slice(1) ?? "" }
  ))
);

Deno.test("each npm package has one exact version", () => {
  assert(uses.length > 5);
  const versions = new Map<string, string>();
  for (const { file, name, version } of uses) {
    assert(/^\d+\.\d+\.\d+$/.test(version), `${file}: npm:${name} needs an exact version`);
    assertEquals(version, versions.get(name) ?? version, `${file}: another version of ${name}`);
    versions.set(name, version);
  }
});

Deno.test("SECURITY.md lists the npm packages, and no others", () => {
  const [, section] = Deno.readTextFileSync(`${ROOT}SECURITY.md`).split(/^## Third-party packages$/m);
  const listed = [...section.split(/^## /m)[0].matchAll(/`([@\w./-]+)@(\d+\.\d+\.\d+)`/g)].map(([, ...entry]) =>
    entry.join("@")
  );
  assertEquals(listed.toSorted(), [...new Set(uses.map(({ name, version }) => `${name}@${version}`))].toSorted());
});

Deno.test("neither the core nor the command imports an npm package", () => {
  const published = /^(?:mod\.ts|deno\.json|lib\/.*|cli\/(?:mod\.ts|deno\.json|lib\/.*))$/;
  assertEquals(uses.filter(({ file }) => published.test(file)), []);
});
