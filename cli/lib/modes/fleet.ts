/** The mode `fleet`: target lists, status, and the configuration of NATS servers. */

import { FleetAdmin, ListError } from "@tcp-shaker/fleet/admin";
import { printable } from "@tcp-shaker/tcp-shaker/quote";
import { EXIT } from "../exit_status.ts";
import type { FleetCommand } from "../command_line/fleet_command.ts";
import { connectOptions } from "../fleet/connect_options.ts";
import { differenceText } from "../fleet/difference_text.ts";
import { type ReadList, readList } from "../fleet/read_list.ts";
import { countText, listsJson, listsText, shortDigest, statusJson, statusText } from "../fleet/reports.ts";
import { writeNatsConfig } from "../fleet/write_nats_config.ts";
import { print, printError } from "../output.ts";
import { UsageError } from "../usage_error.ts";

/**
 * Runs an action.
 *
 * @param command The command.
 * @returns The exit status.
 */
export async function fleet(command: FleetCommand): Promise<number> {
  if (command.action === "nats-config") {
    await writeNatsConfig(command.natsConfig);
    return EXIT.allUp;
  }
  const list = command.action === "apply" ? await listOf(command) : undefined;
  await using admin = await connect(command);
  try {
    if (list !== undefined) return await apply(admin, command, list);
    if (command.action === "rollback") return await rollBack(admin, command.argument);
    return command.action === "list"
      ? await printLists(admin, command.isJson)
      : await printStatus(admin, command.isJson);
  } catch (error) {
    if (!(error instanceof ListError)) throw error;
    return fail(error);
  }
}

/** Reads the list of `fleet apply`. A file that was emptied by mistake must not remove all targets. */
async function listOf({ argument, allowsEmpty }: FleetCommand): Promise<ReadList> {
  const list = await readList(argument!);
  if (list.targets.length > 0 || allowsEmpty) return list;
  throw new UsageError(`${argument} has no targets: add targets, or --allow-empty to remove all targets of the fleet`);
}

async function connect({ connection }: FleetCommand): Promise<FleetAdmin> {
  try {
    return await FleetAdmin.connect(await connectOptions(connection, "admin"));
  } catch (error) {
    throw error instanceof TypeError ? new UsageError(error.message) : error;
  }
}

async function apply(
  admin: FleetAdmin,
  { isDryRun, isConfirmed, vote, replicas }: FleetCommand,
  { ignored, ...list }: ReadList,
): Promise<number> {
  if (ignored.length > 0) printError(`tcp-checker: ignored, because it is not part of a list: ${ignored.join(", ")}`);
  const plan = await admin.plan({ ...list, vote }).catch((error) => {
    throw error instanceof RangeError ? new UsageError(error.message) : error;
  });
  if (plan.problem !== undefined) {
    printError(
      `tcp-checker: the list in force can't be read, and is replaced as a whole: ${printable(plan.problem)}`,
    );
  }
  const { isInForce, digest, targets } = plan;
  print(isInForce ? `The list ${shortDigest(digest)} is in force already` : differenceText(plan.difference));
  const isChange = !isInForce || replicas !== undefined;
  if (isDryRun || !isChange && !isConfirmed) return EXIT.allUp;
  const question = isInForce
    ? `Store ${replicas} replicas of each stream?`
    : `Put this list of ${countText(targets, "target")} in force?`;
  if (!isConfirmed && !isWanted(question)) {
    printError("tcp-checker: nothing was changed");
    return EXIT.someNot;
  }
  await admin.setUp(replicas === undefined ? {} : { replicas });
  if (isInForce) return EXIT.allUp;
  await plan.apply();
  print(`The list ${shortDigest(digest)} is in force: ${countText(targets, "target")}`);
  return EXIT.allUp;
}

function isWanted(question: string): boolean {
  if (!Deno.stdin.isTerminal()) {
    throw new UsageError("Cannot ask for confirmation without a terminal: add --yes or --dry-run");
  }
  return confirm(question);
}

async function rollBack(admin: FleetAdmin, digest: string | undefined): Promise<number> {
  print(`The list ${shortDigest(await admin.rollBack(digest))} is in force`);
  return EXIT.allUp;
}

async function printLists(admin: FleetAdmin, isJson: boolean): Promise<number> {
  const lists = await admin.lists();
  if (lists.length > 0) print(isJson ? listsJson(lists) : listsText(lists));
  else printError("tcp-checker: there is no target list yet: use fleet apply");
  return EXIT.allUp;
}

async function printStatus(admin: FleetAdmin, isJson: boolean): Promise<number> {
  const status = await admin.status();
  print(isJson ? statusJson(status) : statusText(status));
  return status.counts.down + status.counts.unknown > 0 ? EXIT.someNot : EXIT.allUp;
}

function fail({ message }: ListError): number {
  printError(`tcp-checker: ${printable(message)}`);
  return EXIT.failed;
}
