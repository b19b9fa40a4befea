/** Target lists with the same files. */

import { quote } from "@tcp-shaker/tcp-shaker/quote";
import type { FileListConfiguration } from "./configuration.ts";
import type { PathProblem } from "./variables.ts";

/** The lists of files, by section. */
interface FileLists {
  readonly fileSdConfigs?: readonly Pick<FileListConfiguration, "files">[];
  readonly targetFiles?: readonly Pick<FileListConfiguration, "files">[];
}

/**
 * Adds a problem for each list with the files of another one: all its targets are duplicates, and metrics of both lists
 * would have the same labels.
 */
export function checkRepeatedFiles({ fileSdConfigs = [], targetFiles = [] }: FileLists, problems: PathProblem[]): void {
  for (const [section, lists] of [["file_sd_configs", fileSdConfigs], ["target_files", targetFiles]] as const) {
    const names = lists.map(({ files }) => files.join(", "));
    for (const [index, name] of names.entries()) {
      const first = names.indexOf(name);
      if (first === index) continue;
      const message = `${section}[${index}]: The files ${
        quote(name)
      } are those of ${section}[${first}] too: remove one list`;
      problems.push({ path: [section, index], message });
    }
  }
}
