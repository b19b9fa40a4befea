/** Messages between a {@linkcode WorkerParser} and its worker. The owner pulls the result in slices. */

import type { FileReference } from "../config/file_references.ts";
import type { ConfigurationProblem } from "../config/problem.ts";
import type { Variables } from "../config/variables.ts";
import type { Path, Place } from "../config/yaml_positions.ts";
import type { ListFormat } from "../lists/parse_list.ts";

/** Request to the worker: first the text, then slices of the result. */
export type ParseRequest =
  | { readonly type: "configuration"; readonly text: string; readonly variables: Variables }
  | { readonly type: "places"; readonly text: string; readonly paths: readonly Path[] }
  | { readonly type: "list"; readonly text: string; readonly format: ListFormat }
  | { readonly type: "slice"; readonly from: number; readonly to: number };

/** Reply of the worker. */
export type ParseReply =
  | { readonly type: "ready" }
  | { readonly type: "parsed"; readonly head: unknown; readonly items: number }
  | { readonly type: "places"; readonly places: readonly Place[] }
  /** A list in JSON, because the owner's thread parses it faster than it clones objects. */
  | { readonly type: "slice"; readonly json: string }
  | {
    readonly type: "bad-configuration";
    readonly problems: readonly ConfigurationProblem[];
    readonly files: readonly FileReference[];
  }
  | { readonly type: "bad-list"; readonly message: string };
