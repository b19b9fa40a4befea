/** Checks all types, for `deno task lint`. */

import { denoFlags } from "./suite/deno_flags.ts";
import { showJob } from "./suite/job.ts";
import { testFiles } from "./suite/suite.ts";
import { typesJob } from "./suite/types_job.ts";

const { ok } = await showJob(typesJob(testFiles(), await denoFlags()));
Deno.exit(ok ? 0 : 1);
