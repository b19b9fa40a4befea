/** The JSON Schema of an agent's configuration, made from the schema that checks it. */

// deno-lint-ignore no-import-prefix -- in deno.json every user would download it
import { toJsonSchema } from "npm:@valibot/to-json-schema@1.8.0";
import { ROOT } from "../../monitor/lib/config/schema/root.ts";

/**
 * Makes the JSON Schema. It lacks rules that a JSON Schema can't express, such as unique ids.
 *
 * @returns The schema as JSON, in draft 2020-12.
 */
export function configurationSchema(): string {
  const schema = toJsonSchema(ROOT, { typeMode: "input", errorMode: "ignore", target: "draft-2020-12" });
  const title = "Configuration of tcp-checker monitor --config";
  return `${JSON.stringify({ title, ...schema }, undefined, 2)}\n`;
}
