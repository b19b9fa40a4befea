/** Markdown documents written by tools. */

/** Escapes markup in a text. */
export function escape(text: string): string {
  return text.replace(/[\\`*_[\]<>|]/g, "\\$&");
}

/** Writes a document, formatted as `deno fmt` wants it. */
export async function writeDocument(path: string, text: string): Promise<void> {
  Deno.writeTextFileSync(path, text);
  await new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", path] }).output();
}
