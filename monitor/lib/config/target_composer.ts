/** Composition of the targets of a configuration. */

import type { GroupConfiguration } from "./configuration.ts";
import { inFileTerms } from "./file_terms.ts";
import { pathText } from "./issues.ts";
import { Problems } from "../problems.ts";
import { TargetResolver } from "../target_resolver.ts";
import type { MonitorTarget, TargetOptions } from "../target.ts";
import { withAddress } from "./with_address.ts";
import { withGroup } from "./with_group.ts";
import type { PathProblem } from "./variables.ts";
import type { Path } from "./yaml_positions.ts";
import { quote } from "@tcp-shaker/tcp-shaker/quote";

/** Validates targets, and converts their addresses to the canonical form, which is the default id. */
export class TargetComposer {
  readonly #groups: Readonly<Record<string, GroupConfiguration>>;
  readonly #problems: PathProblem[];
  readonly #resolver: TargetResolver;
  readonly #problemsOfDefaults = new Problems();
  readonly #indices = new Map<string, number>();

  /**
   * @param defaults The defaults of the targets' options.
   * @param groups The options of groups.
   * @param problems Where problems are added: malformed addresses, repeated ids, contradictory options. Problems of the
   * defaults are not added.
   */
  constructor(defaults: TargetOptions, groups: Readonly<Record<string, GroupConfiguration>>, problems: PathProblem[]) {
    this.#groups = groups;
    this.#problems = problems;
    this.#resolver = new TargetResolver(defaults, this.#problemsOfDefaults);
  }

  /** Returns a target with the options of its group and its canonical address, and adds its problems. */
  compose(ungrouped: MonitorTarget, index: number): MonitorTarget {
    const given = withGroup(ungrouped, this.#groups);
    const path = ["targets", index];
    const found = new Problems();
    const settings = this.#resolver.resolveOne(given, found);
    if (settings === undefined) {
      for (const problem of found.messages.filter((message) => !this.#isOfDefaults(message))) {
        this.#problems.push({ path, message: `${pathText(path)}: ${inFileTerms(problem)}` });
      }
      return given;
    }
    const { id, target } = settings;
    const first = this.#indices.get(id);
    if (first === undefined) this.#indices.set(id, index);
    else this.#problems.push({ path, message: `${pathText(path)}: ${sameId(id, ["targets", first])}` });
    return withAddress(given, target);
  }

  /** Whether a problem of a target is one of the defaults, which is reported where they are. */
  #isOfDefaults(message: string): boolean {
    return this.#problemsOfDefaults.messages.some((problem) => message.endsWith(`: ${problem}`));
  }
}

function sameId(id: string, first: Path): string {
  return `the id ${quote(id)} is also used by ${pathText(first)}: give one of them another id`;
}
