/** The main module of a batch: imports the test files that are its arguments, paths below the root. */

for (const file of Deno.args) await import(new URL(`../../${file}`, import.meta.url).href);
