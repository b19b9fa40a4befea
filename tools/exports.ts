/** Prints the modules that the packages of the workspace export, for `deno doc --lint` and `deno check`. */

import config from "../deno.json" with { type: "json" };

interface Package {
  readonly exports: string | Readonly<Record<string, string>>;
}

for (const folder of [".", ...config.workspace]) {
  const { exports }: Package = JSON.parse(Deno.readTextFileSync(new URL(`../${folder}/deno.json`, import.meta.url)));
  for (const path of typeof exports === "string" ? [exports] : Object.values(exports)) {
    console.log(new URL(`${folder}/${path}`, "file:///").pathname.slice(1));
  }
}
