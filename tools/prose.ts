/**
 * Lint of prose: lists vague words in the files that git tracks, with file and line, and fails if there is one.
 *
 * The field has exact words where these are vague: "retransmits a SYN" instead of "asks again". CONTRIBUTING.md,
 * "Prose", has the rule and examples. `deno task lint` runs it.
 */

const WORDS = [
  "whoever",
  "whomever",
  "nobody",
  "somebody",
  "anybody",
  "what becomes of",
  "says so",
  "say so",
  "as far as may be",
  "be had",
  "is to be",
  "are to be",
  "in vain",
  "speaks of",
  "goes by",
  "told of",
  "tells of",
  "told so",
  "told apart",
  "of no account",
  "makes no sense",
  "again and again",
  "so many",
  "what waits",
  "anew",
  "say nothing",
  "says nothing",
  "any more",
  "ask again",
  "asks again",
  "asked again",
  "as long as it may",
  "for ever",
  "for want of",
  "gets to know",
  "goes on to",
  "makes up for",
  "of no use",
  "put off",
  "puts off",
  "see to it",
  "sees to it",
  "stand still",
  "stands still",
  "stood still",
  "under way",
  "what is there",
  "what there is",
  "whatever",
];
/** A phrase may continue on the next line, after the mark of a comment. */
const BETWEEN_WORDS = String.raw`\s+(?:(?:\*|//+!?|#)\s+)?`;
const VAGUE = new RegExp(String.raw`\b(?:${WORDS.join("|").replaceAll(" ", BETWEEN_WORDS)})\b`, "gi");

/** Files with prose. */
const FILES = /\.(?:tsx?|rs|md|sh|yml|toml|patch|1)$|^\.ci\/run$/;
/** This list, its test, and what is generated from names of tests. */
const EXCLUDED = ["tools/prose.ts", "tests/tools/prose_test.ts"];
/** Folders that are not revised yet. */
const UNREVISED: string[] = [];

/** A vague word, and the number of the line where it begins. */
export interface VagueWord {
  readonly word: string;
  readonly line: number;
}

/** Finds the vague words of a text. */
export function findVagueWords(text: string): VagueWord[] {
  return [...text.matchAll(VAGUE)].map((match) => ({
    word: match[0].replace(/\s[^a-z]*/gi, " "),
    line: text.slice(0, match.index).split("\n").length,
  }));
}

if (import.meta.main) {
  const { stdout } = await new Deno.Command("git", { args: ["ls-files"] }).output();
  const files = new TextDecoder().decode(stdout).split("\n").filter((file) =>
    FILES.test(file) && !EXCLUDED.includes(file) && !UNREVISED.some((folder) => file.startsWith(folder))
  );
  let found = 0;
  for (const file of files) {
    const text = await Deno.readTextFile(file);
    for (const { word, line } of findVagueWords(text)) {
      found++;
      console.error(`${file}:${line}: "${word}": ${text.split("\n")[line - 1].trim()}`);
    }
  }
  if (found > 0) {
    console.error(`Found ${found} vague words: name the thing instead; CONTRIBUTING.md, "Prose", has examples`);
    Deno.exit(1);
  }
}
