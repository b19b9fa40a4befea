/** The modules that the packages of the workspace export; prints them for `deno doc --lint`. */

import config from "../../deno.json" with { type: "json" };

interface Package {
  readonly exports: string | Readonly<Record<string, string>>;
}

/** Returns the paths of the modules below the root. */
export function exportedModules(): string[] {
  return [".", ...config.workspace].flatMap((folder) => {
    const { exports }: Package = JSON.parse(
      Deno.readTextFileSync(new URL(`../../${folder}/deno.json`, import.meta.url)),
    );
    const paths = typeof exports === "string" ? [exports] : Object.values(exports);
    return paths.map((path) => new URL(`${folder}/${path}`, "file:///").pathname.slice(1));
  });
}

if (import.meta.main) console.log(exportedModules().join("\n"));
