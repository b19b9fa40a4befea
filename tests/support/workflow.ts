/**
 * Rules for GitHub's workflows: all code is pinned, and no third-party code runs in a job with the publishing token.
 */

import { load } from "npm:js-yaml@5.5.0";

interface Step {
  uses?: string;
  run?: string;
}

interface Job {
  uses?: string;
  permissions?: Permissions;
  steps?: Step[];
}

type Permissions = string | Record<string, string>;

/** Actions that a job with a token may use: none of them runs code of the repository. */
const HARMLESS = /^(?:actions\/(?:checkout|download-artifact)|denoland\/setup-deno)@/;
/** Commands that such a job may run. `deno publish` runs no module. */
const HARMLESS_COMMAND = /^(?:deno publish|test) [^;&`]*$/;

/**
 * Finds violations in a workflow.
 *
 * @param text The file.
 * @returns A sentence for each violation.
 */
export function workflowFaults(text: string): string[] {
  const { permissions, jobs } = load(text) as { permissions?: Permissions; jobs: Record<string, Job> };
  const faults: string[] = [];
  if (permissions === undefined || mayWrite(permissions)) {
    faults.push("the workflow's own permissions are not read-only");
  }
  for (const [name, job] of Object.entries(jobs)) {
    const steps = job.steps ?? [];
    for (const { uses } of [job, ...steps]) {
      if (uses === undefined || uses.startsWith("./")) continue;
      if (!/@[\da-f]{40}$/.test(uses)) faults.push(`${name}: ${uses} is not pinned by commit`);
      else if (!new RegExp(`${uses} # v\\d+\\.\\d+\\.\\d+$`, "m").test(text)) {
        faults.push(`${name}: ${uses} has no version`);
      }
    }
    for (const command of commands(steps)) {
      if (/\bpip\b.* install /.test(command) && !command.includes("--require-hashes")) {
        faults.push(`${name}: pip without hashes: ${command}`);
      }
      if (/\brustup (?:update|target add|toolchain install (?!\d+\.\d+\.\d+ ))/.test(command)) {
        faults.push(`${name}: the version of Rust is not pinned: ${command}`);
      }
    }
    if (!mayWrite(job.permissions ?? {})) continue;
    if (job.uses !== undefined) faults.push(`${name}: another workflow has the token`);
    for (const { uses } of steps) {
      if (uses !== undefined && !HARMLESS.test(uses)) faults.push(`${name}: ${uses} runs beside the token`);
    }
    for (const command of commands(steps)) {
      if (!HARMLESS_COMMAND.test(command)) faults.push(`${name}: it runs beside the token: ${command}`);
    }
  }
  return faults;
}

function mayWrite(permissions: Permissions): boolean {
  return typeof permissions === "string"
    ? permissions !== "read-all"
    : Object.values(permissions).some((access) => access === "write");
}

function commands(steps: readonly Step[]): string[] {
  return steps.flatMap(({ run = "" }) => run.split("\n").map((line) => line.trim()).filter((line) => line !== ""));
}
